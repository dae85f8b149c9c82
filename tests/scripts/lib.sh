# SPDX-License-Identifier: MIT
# lib.sh -- what the scripts of this directory share. They are for any POSIX shell and begin with
#
#   . "$(dirname "$0")/lib.sh"
set -u
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/../.." && pwd)
tab=$(printf '\t')
newline='
'
failed=0
n_run=0

# Remember a problem: a sentence, and files that show it. finish is the end of every script.
complain() { # SENTENCE [FILE...]
  printf '%.1000s\n' "$1" >&2
  shift
  [ $# = 0 ] || cat "$@" >&2
  failed=1
}

finish() {
  [ $failed = 0 ] || printf '%s\n' "${0##*/}: not as expected" >&2
  exit $failed
}

# A program that does not end is killed, where the shell can do that.
limit_seconds() { # OF A PROCESSOR
  ulimit -t "$1" 2>/dev/null || :
}

# Two files are equal.
equal() { # WHAT EXPECTED-FILE FILE
  if ! cmp -s "$2" "$3"; then
    diff "$2" "$3" | head -n 40 > "$3.difference"
    complain "$1: expected <, but it printed >" "$3.difference"
  fi
}

# The build directory; and an empty directory for the files of one test, as tests run in parallel. All is run
# from the source directory.
use_build() { # BUILD
  build=$(cd "${1:-nowhere}" && pwd) && cd "$root" || exit 2
}
use_scratch() { # NAME
  scratch=$build/test-files/$1
  rm -rf "$scratch" && mkdir -p "$scratch" || exit 2
  input=$scratch/input
  out=$scratch/out
  err=$scratch/err
  expected=$scratch/expected
  : > "$input"
}

# A command line (quotes as in a shell) of a program in the build directory, with $input as its stdin:
# $status, $out, $err.
run() { # LINE
  run_to "$out" "$1"
}
run_to() { # FILE LINE
  run_out=$1
  eval "set -- $2"
  run_program=$1
  shift
  "$build/$run_program" "$@" < "$input" > "$run_out" 2> "$err"
  status=$?
  n_run=$((n_run + 1))
}
