#!/bin/sh
# logrotate_corpus.sh ROTATECTL: rotated on the logrotate files of Debian's packages, as they are, and beside logrotate itself.
# Downloads the packages into a temporary directory, which goes at the end. Needs root, logrotate and python3.
set -eu
rotatectl=$(realpath "$1")
tests=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in apache2 apt-cacher-ng apt aptitude bacula-common burp certbot chrony conntrackd corosync cups-daemon \
  dbconfig-common dpkg ejabberd exim4-base fail2ban freeradius frr ganeti glusterfs-common haproxy hylafax-server icinga2-common \
  inetutils-syslogd iptraf-ng lighttpd logrotate mailman3 monit mosquitto motion munin-node munin nginx-common openvswitch-switch \
  php8.2-fpm postgresql-common ppp privoxy proftpd-core pure-ftpd-common rabbitmq-server redis-server rkhunter roundcube-core \
  rsnapshot rsyslog slim squid sssd-common stunnel4 syslog-ng-core tinyproxy tor ufw ulogd2 unattended-upgrades uucp uwsgi \
  varnish vsftpd winbind xdm xrdp zabbix-agent; do
  apt-get -o APT::Sandbox::User=root download "$package" >/dev/null 2>&1 || { echo "not found: $package"; continue; }
  mkdir -p "files/$package"
  dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x -C "files/$package" --wildcards './etc/logrotate.d/*' 2>/dev/null || true
  rm -f "$package"_*.deb
done
python3 "$tests/logrotate_corpus.py" "$rotatectl" "$work/files"
