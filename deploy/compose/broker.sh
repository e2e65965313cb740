#!/bin/sh
# mosquitto with the configuration of deploy/mosquitto, which reads its passwords and certificate again when they change:
# so the hub lets gateways in without any right over it. `broker.sh [FOLDER]`: where etc/mosquitto, run/secrets and
# mosquitto/data are, else /.
set -eu
root=${1:-}
passwords=$root/etc/mosquitto/gateways/passwd
made=$root/mosquitto/data/mosquitto.conf
umask 077

if [ ! -s "$passwords" ]; then
    printf 'hub:%s\n' "$(cat "$root/run/secrets/mqtt_password")" > "$passwords.first"
    mosquitto_passwd -U "$passwords.first"
    mv "$passwords.first" "$passwords"
fi
# Rules stand beside the passwords there; the hub is on another machine of the inner network; what is retained lasts.
sed -e 's#/etc/mosquitto/gateways/acl#/etc/mosquitto/acl#' -e 's#^listener 1883 127.0.0.1$#listener 1883#' \
    -e "s#/etc/mosquitto#$root/etc/mosquitto#" "$root/etc/mosquitto/sensor-hub.conf" > "$made"
printf 'persistence true\npersistence_location %s/mosquitto/data/\nautosave_interval 60\nlog_dest stdout\n' "$root" >> "$made"

state() { cat "$passwords" "$root/etc/mosquitto/certs/hub.crt" | cksum; }

before=$(state)
mosquitto -c "$made" &
broker=$!
trap 'kill -TERM $broker 2>/dev/null || true' TERM INT
while kill -0 "$broker" 2>/dev/null; do
    sleep 1 &
    wait $! || true
    now=$(state 2>/dev/null) || continue
    if [ "$now" != "$before" ]; then
        before=$now
        kill -HUP "$broker"
    fi
done
wait "$broker"
