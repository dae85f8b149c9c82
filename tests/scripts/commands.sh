# SPDX-License-Identifier: MIT
# commands.sh -- the five programs as a user meets them: what they print, what they refuse, and how.
#
#   sh tests/scripts/commands.sh build            from anywhere; all checks
#   sh tests/scripts/commands.sh build lines      one of them
#
#   help       --help shows every option with its default, in 80 columns, and an example that works
#   usage      a wrong command line: status 2, one line that names the option and hints at --help
#   models     a directory that is no model: status 1, one line that names the file
#   tables     01 and 02 print tables of the right shape, and 02 agrees with 04
#   trace      --trace shows the same rows in 02, 03 and 04
#   same       03 and 04 print the same bytes, however they are asked
#   beams      05 prints n lines per text, best first, the same bytes however it is asked
#   texts      what is a text: arguments or lines of stdin, up to a TAB
#   threads    threads change no byte, whatever the batches, options and lines
#   dialogue   whoever writes one line gets its result before the next
#   lines      a bad line is reported with its number and loses no other
#   positions  an output ends where the model's positions end, and says so
#   limits     an output that a limit cuts is named on stderr
#   progress   on a terminal it can be seen how many texts are done
#   drafts     a draft changes no byte, and is refused where it cannot stand in
#   share      nor do beginnings that are shared; what is computed then
#   types      every stage prints the same with keys and values of each type
#   layers     layers that keep input rows change no byte
#   plan       the table of sizes says what a run takes
#   install    cmake --install puts the five programs into bin/
#
# A case is a line: accept, refuse, same, bad_lines, ends_early. The checks are in commands_*.sh, and here is
# what they share. Inputs and expected outputs are written as for printf: \n, \t, \0303.
. "$(dirname "$0")/lib.sh"
for part in refused output texts threads said cache; do
  . "$root/tests/scripts/commands_$part.sh"
done
limit_seconds 200
set -f # no * in a command line means files
all_checks='help usage models tables trace same beams texts threads dialogue lines positions'
all_checks="$all_checks limits progress drafts share types layers plan install"
generators='03_greedy_nocache 04_kvcache 05_beam'
stages="01_attention 02_decoder $generators"
families='marian umt5 gpt2'

given() { # INPUT
  printf '%b' "$1" > "$input"
}

# A command line has this status and prints what is in $expected.
expect() { # LINE STATUS
  run "$1"
  [ "$status" = "$2" ] || complain "$1: status $status, expected $2; it said:" "$err"
  equal "$1" "$expected" "$out"
}

accept() { # LINE INPUT OUTPUT
  given "$2"
  printf '%b' "$3" > "$expected"
  expect "$1" 0
}

# Nothing on stdout, and one line on stderr: "error: MESSAGE...".
refuse() { # STATUS MESSAGE LINE
  given ''
  : > "$expected"
  expect "$3" "$1"
  first_line "$err"
  case $first_line in
    "error: $2"*) [ "$n_lines" = 1 ] || complain "$3: expected one line, it said:" "$err" ;;
    *) complain "$3: expected \"error: $2...\", it said:" "$err" ;;
  esac
  case $1$first_line in
    2*--help*) ;;
    2*) complain "$3: no hint at --help:" "$err" ;;
  esac
}

refuse_by() { # PROGRAMS STATUS MESSAGE REST-OF-LINE
  for by in $1; do
    refuse "$2" "$3" "$by $4"
  done
}

# All these command lines print the same bytes, not none; they are $expected then.
same() { # INPUT LINE...
  given "$1"
  run "$2"
  { [ "$status" = 0 ] && [ -s "$out" ]; } || complain "$2: status $status; it printed and said:" "$out" "$err"
  mv "$out" "$expected"
  shift 2
  for same_line; do
    expect "$same_line" 0
  done
}

# stderr has these lines and no other error; the rest of them may be anything.
expect_errors() { # LINE PROBLEM...
  said=$newline$(cat "$err")
  n_errors=$(grep -c 'error: ' "$err")
  [ "$n_errors" = $(($# - 1)) ] || complain "$1: $n_errors errors, expected $(($# - 1)):" "$err"
  errors_of=$1
  shift
  for problem; do
    case $said in
      *"${newline}error: $problem"*) ;;
      *) complain "$errors_of: expected \"error: $problem...\", it said:" "$err" ;;
    esac
  done
}

# stderr has these notes, in this order, and no others.
expect_notes() { # LINE NOTE...
  notes_of=$1
  shift
  printf 'note: %s\n' "$@" > "$scratch/notes"
  [ $# -gt 0 ] || : > "$scratch/notes"
  grep '^note: ' "$err" > "$scratch/noted"
  equal "$notes_of, on stderr" "$scratch/notes" "$scratch/noted"
}

# The first line of a file, and how many lines it has (2: or more). A last line without its end is none.
first_line() { # FILE
  n_lines=0
  first_line=
  {
    if IFS= read -r first_line; then
      n_lines=1
      if IFS= read -r second_line || [ -n "$second_line" ]; then
        n_lines=2
      fi
    fi
  } < "$1"
}

# There are N lines, each of which matches a pattern (of awk; \t is a TAB).
shape() { # WHAT N PATTERN FILE
  n_lines=$(($(wc -l < "$4")))
  if [ "$n_lines" != "$2" ] || ! awk -v "pattern=^($3)\$" '$0 !~ pattern { exit 1 }' "$4"; then
    complain "$1: expected $2 lines of the form $3, it printed:" "$4"
  fi
}

# The first N words of the test set, as an input.
test_words() { # N
  head -n "$1" "$root/data/cmudict-test.tsv" | awk -F '\t' '{ printf "%s\\n", $1 }'
}

repeat() { # N TEXT
  awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) printf "%s", text }'
}

usage() {
  printf '%s\n' "usage: sh tests/scripts/commands.sh BUILD [CHECK...], of: $all_checks" >&2
  exit 2
}
[ $# -gt 0 ] || usage
use_build "$1"
shift
[ $# -gt 0 ] || eval "set -- $all_checks"
for check; do
  case " $all_checks " in
    *" $check "*) ;;
    *) usage ;;
  esac
  use_scratch "commands-$check"
  n_run=0
  "check_$check"
  printf '%s\n' "$check: $n_run command lines"
done
finish
