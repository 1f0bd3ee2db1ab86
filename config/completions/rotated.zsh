#compdef rotated
# zsh completion of rotated(8); that of rotatectl comes from rotatectl itself.
_arguments -s \
  '(-c --config)'{-c,--config}'[the config file, or a directory of *.toml files]:config:_files -g "*.toml(-.) *(-/)"' \
  '(-s --state)'{-s,--state}'[the state directory]:directory:_files -/' \
  '--format[the language of the config]:language:(toml logrotate)' \
  '--control[where tools connect]:socket:_files' \
  '(-f --log-format)'{-f,--log-format}'[how messages are written]:format:(plain json systemd)' \
  '(-l --log-level)'{-l,--log-level}'[the least urgent messages]:level:(error warning notice info debug)' \
  '(-t --check)'{-t,--check}'[check the config and exit]' \
  '(- *)'{-V,--version}'[print the version and exit]' \
  '(- *)'{-h,--help}'[print the usage and exit]'
