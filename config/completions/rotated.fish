# fish completion of rotated(8); that of rotatectl comes from rotatectl itself.
complete -c rotated -f
complete -c rotated -s c -l config -r -F -d 'the config file, or a directory of *.toml files'
complete -c rotated -l format -x -a 'toml logrotate' -d 'the language of the config'
complete -c rotated -s s -l state -x -a '(__fish_complete_directories)' -d 'the state directory'
complete -c rotated -l control -r -F -d 'where tools connect'
complete -c rotated -s f -l log-format -x -a 'plain json systemd' -d 'how messages are written'
complete -c rotated -s l -l log-level -x -a 'error warning notice info debug' -d 'the least urgent messages'
complete -c rotated -s t -l check -d 'check the config and exit'
complete -c rotated -s V -l version -d 'print the version and exit'
complete -c rotated -s h -l help -d 'print the usage and exit'
