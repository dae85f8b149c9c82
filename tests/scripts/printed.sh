# SPDX-License-Identifier: MIT
# printed.sh -- run every command that the documents print, and compare what comes out with what they say.
#
#   sh tests/scripts/printed.sh build          from anywhere
#   sh tests/scripts/printed.sh build fma      also the samples
#   sh tests/scripts/printed.sh build records  instead: the records of tests/measured/*.txt, in each of which
#                                              all is a block, from its first command on
#
# In a block of ```console the lines that begin with "$ " are commands for a POSIX shell in the source
# directory; build/ in them is the build directory. The lines below a command are what a terminal would show.
# Compared are
#   words         exactly
#   numbers       with a decimal point: within one unit of the last decimal; other numbers exactly
#   times         not: "0.004 s" is any number of seconds (or ms), and "38500 tokens/s" any speed
#   a line "..."  stands for any number of lines
# A block "console no-run" is not run, a block "console fma" only with the argument fma: samples drawn from a
# seed, which depend on the last bits.
. "$(dirname "$0")/lib.sh"
limit_seconds 1200
documents='README.md TUTORIAL.md data/README.md tests/README.md 01_attention/README.md 02_decoder/README.md
  03_greedy_nocache/README.md 04_kvcache/README.md 05_beam/README.md'
case $#${2:-} in
  1 | 2fma | 2records) ;;
  *)
    printf '%s\n' 'usage: sh tests/scripts/printed.sh BUILD [fma|records]' >&2
    exit 2
    ;;
esac
use_build "$1"
[ "${2:-}" != records ] || documents=$(echo tests/measured/*.txt)
use_scratch "printed${2:-}"

# Of a document: files 1.printed, 1.command, 1.expected, 2.printed ...; their number is printed. A command is
# there as it stands in the document and as it is run.
extraction='
  BEGIN { is_run = document ~ /[.]txt$/ }
  /^```/ {
    kind = kind == "" ? substr($0, 4) " " : ""
    if (kind ~ /^console/ && kind !~ /^console ((no-run|fma) )?$/) {
      print document ": a block of a kind that tests/scripts/printed.sh does not know: " kind > "/dev/stderr"
      unknown = 1
    }
    is_run = kind == "console " || kind == "console fma " && fma
    file = ""
    next
  }
  is_run && /^[$] / {
    file = scratch "/" ++n
    command = substr($0, 3)
    print command > (file ".printed")
    print here(command) > (file ".command")
    printf "" > (file ".expected")
    next
  }
  is_run && file { print > (file ".expected") }

  # Where a word begins with build/, that is the build directory.
  function here(command,  done, at) {
    while (at = index(" " command, " build/")) {
      done = done substr(command, 1, at - 1) "\"$build\"/"
      command = substr(command, at + length("build/"))
    }
    return done command
  }

  END {
    if (kind != "") print document ": its last block has no end" > "/dev/stderr"
    print n + 0
    exit unknown || kind != ""
  }'

# Of the expected lines the first that did not come is printed, or nothing.
comparison='
  FILENAME == expected { line[++n] = $0; next }
  { got[++n_got] = $0 }
  END {
    next_got = 1
    for (i = 1; i <= n; i++) {
      if (line[i] == "...") {
        anything = 1
        continue
      }
      while (anything && next_got <= n_got && !lines_equal(line[i], got[next_got])) next_got++
      if (next_got > n_got || !lines_equal(line[i], got[next_got])) {
        print (line[i] == "" ? "(an empty line)" : line[i])
        exit
      }
      next_got++
      anything = 0
    }
    if (next_got <= n_got && !anything) print "(the end of the output)"
  }

  function lines_equal(a, b,  n_a, n_b, i) {
    n_a = split_line(a, numbers_a)
    a = words
    n_b = split_line(b, numbers_b)
    if (a != words || n_a != n_b) return 0
    for (i = 1; i <= n_a; i++)
      if (!nearly_equal(numbers_a[i], numbers_b[i])) return 0
    return 1
  }

  # Numbers with a decimal point, and in words the text without them and without times.
  function split_line(text, numbers,  n, found, last) {
    words = ""
    gsub(/[0-9]+ tokens[/]s/, "<speed>", text)
    while (match(text, /[0-9]+([.][0-9]+)? m?s($|[^a-zA-Z])/)) {
      last = substr(text, RSTART + RLENGTH - 1, 1)
      words = words substr(text, 1, RSTART - 1) "<time>" (last == "s" ? "" : last)
      text = substr(text, RSTART + RLENGTH)
    }
    text = words text
    words = ""
    while (match(text, /-?[0-9]+[.][0-9]+/)) {
      numbers[++n] = substr(text, RSTART, RLENGTH)
      words = words substr(text, 1, RSTART - 1) "<number>"
      text = substr(text, RSTART + RLENGTH)
    }
    words = words text
    return n + 0
  }

  # Equally many decimals, and the last differs by one at most.
  function nearly_equal(a, b,  difference) {
    if (length(a) - index(a, ".") != length(b) - index(b, ".")) return 0
    sub(/[.]/, "", a)
    sub(/[.]/, "", b)
    difference = a - b
    return difference >= -1 && difference <= 1
  }'

n_different=0
export build # for the commands
for document in $documents; do
  [ "$document" = tests/README.md ] && [ ! -e "$document" ] && continue
  n=$(awk -v document="$document" -v fma="${2:-}" -v scratch="$scratch" "$extraction" "$document") || failed=1
  i=0
  while [ $((i += 1)) -le "${n:-0}" ]; do
    sh -c "exec 2>&1; $(cat "$scratch/$i.command")" < /dev/null > "$out"
    status=$?
    expected=$scratch/$i.expected
    where=$(awk -v expected="$expected" "$comparison" "$expected" "$out") || where='a comparison'
    [ $status = 0 ] || where="${where:-status 0, not $status}"
    n_run=$((n_run + 1))
    if [ -n "$where" ]; then
      n_different=$((n_different + 1))
      complain "$document: \$ $(cat "$scratch/$i.printed")
  expected: $where
  but it printed:" "$out"
    fi
  done
done
printf '%s\n' "$n_run printed commands, $n_different differ"
[ $n_run -gt 0 ] || failed=1
finish
