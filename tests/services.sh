#!/bin/sh
# The real parts that the tests run against. Installs what is missing on Debian as root;
# elsewhere names it and fails. Arguments are more programs (and packages) to see to.
set -eu

missing=""
need() { # program-or-path package
    command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || missing="$missing $2"
}
set +u
postgres=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1)
set -u
[ -n "$postgres" ] || missing="$missing postgresql"
need redis-server redis-server
need nginx nginx-light
need bwrap bubblewrap
need /usr/lib/nginx/modules/ngx_http_js_module.so libnginx-mod-http-js
need chromium chromium
need xgettext gettext
need openssl openssl
need /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc fonts-noto-cjk
for program in "$@"; do need "$program" "$program"; done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # Nothing that is installed here may start a service of its own.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "make test needs these Debian packages; please install them:$missing" >&2
    exit 1
fi
