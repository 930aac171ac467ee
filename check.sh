#!/usr/bin/env bash
# The one gate. On a fresh Debian machine it needs only Go, git and apt; it installs the rest, as root or through sudo.
# It starts a PostgreSQL of its own on loopback in a temporary folder, and stops and removes only that.
#
#   ./check.sh            everything
#   ./check.sh STAGE...   only the stages named (see the list at the end of this file); "postgres" when tests need it
set -euo pipefail
cd "$(dirname "$0")"

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
tmp=$(mktemp -d)
pg_dir='' pg_bin='' server=''
table='' broken=0 passed=0 failed=0

root() { [ "$(id -u)" = 0 ]; }
die() { printf 'check.sh: %s\n' "$*" >&2; exit 1; }

# --- install -----------------------------------------------------------------------------------------------------------

packaged() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }

find_postgres() { # the newest server's programs; Debian keeps them out of PATH
	pg_bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1 || true)
	[ -n "$pg_bin" ] || pg_bin=$(command -v initdb || true)
	pg_bin=${pg_bin%/initdb}
	[ -n "$pg_bin" ]
}

stage_install() {
	local want=() p
	find_postgres || want+=(postgresql)
	command -v chromium >/dev/null || want+=(chromium)
	command -v pdftotext >/dev/null || want+=(poppler-utils)
	command -v hledger >/dev/null || want+=(hledger)
	for p in libreoffice-writer libreoffice-calc fonts-liberation; do packaged "$p" || want+=("$p"); done
	if [ ${#want[@]} -eq 0 ]; then
		echo "PostgreSQL, Chromium, LibreOffice, poppler, hledger and the fonts are here already."
		return
	fi
	command -v apt-get >/dev/null || die "missing: ${want[*]}. This is no Debian machine: install them by hand and run again."
	local apt=(apt-get -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -q)
	if ! root; then
		command -v sudo >/dev/null || die "missing: ${want[*]}. Neither root nor sudo here: have them installed (apt-get install --no-install-recommends ${want[*]}) and run again."
		apt=(sudo "DEBIAN_FRONTEND=$DEBIAN_FRONTEND" "${apt[@]}")
	fi
	echo "Installing: ${want[*]}"
	"${apt[@]}" update >"$tmp/apt.log" 2>&1 || { tail -n 30 "$tmp/apt.log"; die "apt-get update failed (above)"; }
	"${apt[@]}" install -y --no-install-recommends "${want[@]}" </dev/null >"$tmp/apt.log" 2>&1 ||
		{ tail -n 30 "$tmp/apt.log"; die "apt-get install failed (above)"; }
}

# --- PostgreSQL --------------------------------------------------------------------------------------------------------

as_postgres() { # PostgreSQL refuses to run as root
	if root; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

stage_postgres() {
	find_postgres || die "no PostgreSQL server on this machine (stage install puts it there)"
	pg_dir=$(as_postgres mktemp -d -p /tmp)
	echo "$pg_dir" >"$tmp/pg_dir" # the trap must know it, whatever happens next
	local password port try
	password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	printf '%s\n' "$password" | as_postgres sh -c 'umask 077; cat > "$1"' sh "$pg_dir/password"
	as_postgres "$pg_bin/initdb" -D "$pg_dir/data" -U giaoban --pwfile="$pg_dir/password" \
		--auth-host=password --auth-local=reject -E UTF8 --locale=C --no-sync >"$tmp/initdb.log" 2>&1 || { cat "$tmp/initdb.log"; die "initdb failed"; }
	for try in 1 2 3 4 5 6; do
		port=$((20000 + RANDOM % 12000))
		if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi # taken
		if as_postgres "$pg_bin/pg_ctl" -D "$pg_dir/data" -l "$pg_dir/log" -w -t 60 start -o "-p $port -c listen_addresses=127.0.0.1 \
			-c unix_socket_directories='' -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
			-c shared_buffers=256MB" >"$tmp/pg_ctl.log" 2>&1; then
			echo "postgres://giaoban:$password@127.0.0.1:$port/postgres?sslmode=disable" >"$tmp/dsn"
			echo "PostgreSQL $("$pg_bin/postgres" --version | grep -oE '[0-9]+[0-9.]*' | head -n 1) on 127.0.0.1:$port"
			return
		fi
	done
	cat "$tmp/pg_ctl.log"
	as_postgres tail -n 20 "$pg_dir/log" || true
	die "PostgreSQL did not start (attempt $try)"
}

finish() {
	local code=$?
	trap - EXIT INT TERM
	if [ -s "$tmp/server" ]; then
		server=$(cat "$tmp/server")
		kill "$server" 2>/dev/null || true
	fi
	if [ -s "$tmp/pg_dir" ]; then
		pg_dir=$(cat "$tmp/pg_dir")
		if [ -n "$pg_bin" ] || find_postgres; then
			as_postgres "$pg_bin/pg_ctl" -D "$pg_dir/data" -m immediate -w stop >/dev/null 2>&1 || true
		fi
		rm -rf "$pg_dir"
	fi
	rm -rf "$tmp"
	exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- the tree ----------------------------------------------------------------------------------------------------------

stage_format() {
	local bad
	bad=$(find . -name '*.go' ! -name '*_templ.go' ! -path './.git/*' -print0 | xargs -0 gofmt -l)
	[ -z "$bad" ] || { printf 'Not formatted (gofmt -w mends it):\n%s\n' "$bad"; return 1; }
}

stage_modules() {
	go mod verify
	go mod tidy -diff || { echo "go.mod or go.sum is not what the code needs (go mod tidy mends it)"; return 1; }
}

# stage_generated writes every page again, in a copy, and compares; only the path by which templ was called may differ.
stage_generated() {
	local bad=0 f
	mkdir "$tmp/templ"
	find . -name '*.templ' ! -path './.git/*' -print0 | tar --null -T - -cf - | tar -xf - -C "$tmp/templ"
	go tool templ generate -path "$tmp/templ" -log-level error
	while IFS= read -r f; do
		f=${f#"$tmp/templ/"}
		if ! cmp -s <(sed 's/FileName: `[^`]*`//' "$tmp/templ/$f") <(sed 's/FileName: `[^`]*`//' "$f" 2>/dev/null); then
			echo "$f is not what templ makes of its .templ (go tool templ generate mends it)"
			bad=1
		fi
	done < <(find "$tmp/templ" -name '*_templ.go')
	while IFS= read -r f; do
		[ -e "${f%_templ.go}.templ" ] || { echo "$f has no .templ"; bad=1; }
	done < <(find . -name '*_templ.go' ! -path './.git/*')
	return "$bad"
}

stage_vet() { go vet ./...; }

stage_staticcheck() { go tool staticcheck ./...; }

# stage_vulnerabilities needs a database on the network. Where that cannot be reached the gate says so and goes on: it must
# not need more of the network than Go modules and apt.
stage_vulnerabilities() {
	local code=0
	if [ -z "${HTTPS_PROXY:-}${https_proxy:-}" ] && ! timeout 5 bash -c 'exec 3<>/dev/tcp/vuln.go.dev/443' 2>/dev/null; then
		echo "govulncheck: database not reached, nothing checked"
		return
	fi
	timeout 300 go tool govulncheck ./... >"$tmp/vuln.log" 2>&1 || code=$?
	case $code in
		0) echo "govulncheck: no known vulnerability is called" ;;
		124) echo "govulncheck: database not reached in time, nothing checked" ;;
		3) cat "$tmp/vuln.log"; return 1 ;;
		*)
			if grep -qE 'vuln\.go\.dev|dial tcp|no such host|proxyconnect|connection re' "$tmp/vuln.log"; then
				echo "govulncheck: database not reached, nothing checked"
			else
				cat "$tmp/vuln.log"
				return 1
			fi ;;
	esac
}

# stage_build makes the binary and starts it on an empty site.
stage_build() {
	local line host port answer
	go build -o "$tmp/giaoban" ./cmd/giaoban
	"$tmp/giaoban" --help >/dev/null
	"$tmp/giaoban" serve --db "$tmp/site.db" --addr 127.0.0.1:0 >"$tmp/serve.out" 2>"$tmp/serve.err" &
	server=$!
	echo "$server" >"$tmp/server"
	for _ in $(seq 100); do
		grep -q 'http://' "$tmp/serve.out" && break
		kill -0 "$server" 2>/dev/null || break
		sleep 0.1
	done
	line=$(grep -oE 'http://[0-9.]+:[0-9]+' "$tmp/serve.out") || { cat "$tmp/serve.out" "$tmp/serve.err"; echo "the binary does not start"; return 1; }
	host=${line#http://} port=${host#*:} host=${host%:*}
	exec 3<>"/dev/tcp/$host/$port"
	printf 'GET /healthz HTTP/1.0\r\nHost: %s\r\n\r\n' "$host" >&3
	read -r answer <&3
	exec 3>&-
	kill "$server"
	wait "$server" || { cat "$tmp/serve.err"; echo "the binary does not stop cleanly"; return 1; }
	: >"$tmp/server"
	case $answer in *' 200 '*) ls -l "$tmp/giaoban" | awk '{printf "starts, answers and stops; %.1f MB\n", $5/1e6}' ;; *) echo "/healthz answered: $answer"; return 1 ;; esac
}

# --- tests -------------------------------------------------------------------------------------------------------------

# run_tests runs packages and counts; gate prints what failed and why, and treats a skipped test as a failure.
run_tests() {
	local code=0
	[ -s "$tmp/dsn" ] || die "the tests need stage postgres first"
	GIAOBAN_REQUIRE=1 GIAOBAN_TEST_POSTGRES=$(cat "$tmp/dsn") go test -json -count=1 -p 2 -timeout 15m "$@" 2>"$tmp/test.err" |
		"$tmp/gate" -totals "$tmp/totals" || code=$?
	cat "$tmp/test.err"
	return "$code"
}

stage_tests() {
	local list
	go build -o "$tmp/gate" ./internal/gate
	list=$(go list ./... | grep -v '/e2e$')
	# shellcheck disable=SC2086
	run_tests $list
}

stage_journeys() {
	go build -o "$tmp/gate" ./internal/gate
	run_tests ./e2e
}

# --- running -----------------------------------------------------------------------------------------------------------

stages=(install format modules generated build vet staticcheck vulnerabilities postgres tests journeys)
if [ $# -gt 0 ]; then stages=("$@"); fi
for name in "${stages[@]}"; do declare -F "stage_$name" >/dev/null || die "no stage $name; there are: install format modules generated build vet staticcheck vulnerabilities postgres tests journeys"; done
command -v go >/dev/null || die "Go is missing: see go.mod for the version"

began=$SECONDS
for name in "${stages[@]}"; do
	printf '\n== %s\n' "$name"
	at=$SECONDS code=0
	set +e # in a condition bash would ignore "set -e" inside the stage too
	(set -e; trap - EXIT; "stage_$name")
	code=$?
	set -e
	verdict=ok
	if [ "$code" -ne 0 ]; then
		verdict=FAILED
		broken=$((broken + 1))
		case $name in tests | journeys) ;; *) failed=$((failed + 1)) ;; esac
	fi
	table+=$(printf '%-16s %6d s  %s' "$name" $((SECONDS - at)) "$verdict")$'\n'
	if [ "$code" -ne 0 ] && { [ "$name" = install ] || [ "$name" = postgres ]; }; then break; fi
done
if [ -s "$tmp/totals" ]; then
	while read -r p f; do passed=$((passed + p)) failed=$((failed + f)); done <"$tmp/totals"
fi
if [ "$broken" -gt 0 ] && [ "$failed" -eq 0 ]; then failed=$broken; fi # a run that broke before it counted

printf '\n%s%-16s %6d s\n\n' "$table" total $((SECONDS - began))
[ "$broken" -eq 0 ] || echo "The gate is closed: see the stages marked FAILED above."
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$broken" -eq 0 ]
