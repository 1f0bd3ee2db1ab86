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
  *)
    mapfile -t COMPREPLY < <(compgen -W '--config --state --check --version --help' -- "$word")
    ;;
  esac
}
complete -F _rotated rotated
