# bash completion of rotated(8); that of rotatectl comes from rotatectl itself.
_rotated() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  case $before in
  -c | --config)
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -X '!*.toml' -- "$word"; compgen -d -- "$word")
    ;;
  -s | --state)
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -d -- "$word")
    ;;
  --format)
    mapfile -t COMPREPLY < <(compgen -W 'toml logrotate' -- "$word")
    ;;
  --control)
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    ;;
  -f | --log-format)
    mapfile -t COMPREPLY < <(compgen -W 'plain json systemd' -- "$word")
    ;;
  -l | --log-level)
    mapfile -t COMPREPLY < <(compgen -W 'error warning notice info debug' -- "$word")
    ;;
  *)
    mapfile -t COMPREPLY < <(compgen -W '--config --format --state --control --log-format --log-level --check --version --help' -- "$word")
    ;;
  esac
}
complete -F _rotated rotated
