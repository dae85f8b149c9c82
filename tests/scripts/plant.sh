#!/bin/sh
# SPDX-License-Identifier: MIT
# plant.sh -- plant a bug in a copy of the project and see whether the test that should notice it does.
#
#   sh tests/scripts/plant.sh tests/bugs/04_two_chains.patch   one bug, with what the test says
#   sh tests/scripts/plant.sh tests/bugs/05_*                  several, one line each
#   sh tests/scripts/plant.sh                                  all of them, and all exercises
#
# A bug is a patch: a few words, then
#   Fails: SENTENCE    the test that must fail with it (of an exercise several, and all must)
#   Passes: SENTENCE   tests that pass all the same, if any
#   Needs: -DSANITIZE=ON   if only a build with these options of cmake shows it
# and a unified diff. An exercise is planted in the same way: something is not there yet. The copy is
# build/planted/source, built in build/planted/build. Both stay, so a bug costs the compilation of what it
# touches. PLACE=DIRECTORY in the environment puts them elsewhere.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P) || exit 1
mkdir -p "${PLACE:=$root/build/planted}/source" && place=$(cd "$PLACE" && pwd -P) || exit 1
source=$place/source
build=$place/build
output=$place/output     # what was said last
problems=$place/problems # one line each
caught=$place/caught     # names of bugs
: >"$problems"
: >"$caught"
n_cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
tab=$(printf '\t')

# Remember a problem; it is reported, and fails the run, at its end.
problem() { # SENTENCE
  printf 'PROBLEM: %s\n' "$1"
  printf '  %s\n' "$1" >>"$problems"
}

die() { # SENTENCE
  cat "$output"
  printf '%s\n' "$1"
  exit 1
}

# ---- the copy ----------------------------------------------------------------------------------------------

files_of() { # DIRECTORY: the files that are copied, relative to it
  (cd "$1" && find CMakeLists.txt LICENSE ./*.md .ci 0* tests -type f ! -path 'tests/reference/*' 2>/dev/null)
}

# Files whose content differs are copied (and are newer then than what was compiled from them).
make_copy() {
  files_of "$root" | while IFS= read -r file; do
    if ! cmp -s "$root/$file" "$source/$file"; then
      mkdir -p "$source/$(dirname "$file")"
      cp "$root/$file" "$source/$file" || exit 1
    fi
  done || exit 1
  files_of "$source" | while IFS= read -r file; do
    [ -e "$root/$file" ] || rm -f "$source/$file"
  done
  for directory in data tests/reference; do # large and never changed: links
    if [ ! -e "$source/$directory" ]; then
      rm -f "$source/$directory" # a link to where the project was once
      ln -s "$root/$directory" "$source/$directory" || exit 1
    fi
  done
}

# Back to the project's own state, after a bug in these files (one per line).
restore() { # FILES
  printf '%s\n' "$1" | while IFS= read -r file; do
    if [ -e "$root/$file" ]; then
      cp "$root/$file" "$source/$file"
    else
      rm -f "$source/$file"
    fi
  done
}

configure() { # OPTIONS OF CMAKE...
  generator=
  if [ ! -f "$build/CMakeCache.txt" ] && [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja >/dev/null; then
    generator=Ninja # sooner done than make with the little that there is to do
  fi
  cmake ${generator:+-G "$generator"} -S "$source" -B "$build" "$@" >"$output" 2>&1 ||
    die "the copy in $source cannot be configured"
  (cd "$build" && ctest -N) >"$place/tests"
  (cd "$build" && ctest -N -L '^structure$') >"$place/structure"
}

# ---- tests -------------------------------------------------------------------------------------------------

# The number of a test in a list of ctest -N. (Old versions of CMake: underscores for spaces.)
number_of() { # LIST SENTENCE
  sed -n 's/^ *Test *#\([0-9]*\): /\1 /p' "$1" | awk -v name="$2" '
    { number = $1; sub(/^[0-9]+ /, ""); gsub(/_/, " ") }
    $0 == name { print number }
    BEGIN { gsub(/_/, " ", name) }'
}

# Build what a test needs: the program whose table has its sentence; nothing for a rule about the source; else
# everything.
build_for() { # SENTENCE
  program=$(cd "$root/tests" && grep -lF "{\"$1\"," test_*.c)
  if [ -n "$program" ]; then
    cmake --build "$build" --parallel "$n_cores" --target "${program%.c}"
  elif [ -z "$(number_of "$place/structure" "$1")" ]; then
    cmake --build "$build" --parallel "$n_cores"
  fi
}

# Build and run a test of the copy. result: passed, failed, or the reason why neither.
run_test() { # SENTENCE
  : >"$output"
  if [ -z "$(number_of "$place/tests" "$1")" ]; then
    result='is not the name of a test'
  elif ! build_for "$1" >"$output" 2>&1 </dev/null; then
    result='cannot be built'
  else
    pattern=$(printf '%s\n' "$1" | sed 's/[][+.*()^$?|\\]/\\&/g; s/ /./g')
    result=failed
    (cd "$build" && ctest --output-on-failure --timeout 120 -R "^$pattern\$") \
      >"$place/said" 2>&1 </dev/null && result=passed
    sed -e '/^Test project /d' -e '/% tests passed/,$d' -e "s|$source/||g" "$place/said" >"$output"
  fi
}

expect() { # passed|failed SENTENCE WHEN
  run_test "$2"
  if [ "$result" != "$1" ]; then
    cat "$output"
    problem "$3: \"$2\" should have $1, but $result"
    return 1
  fi
}

expect_all() { # passed|failed SENTENCES WHEN
  printf '%s\n' "$2" | {
    as_expected=true
    while IFS= read -r test; do
      if ! expect "$1" "$test" "$3"; then
        as_expected=false
      elif [ "$1" = failed ]; then
        ! $show || show_output
        echo "caught: $3 by \"$test\""
      fi
    done
    $as_expected
  }
}

# ---- bugs --------------------------------------------------------------------------------------------------

show_bug() { # BUG: its words, and what it changes
  printf '%s: ' "$name"
  sed '/^Fails: /,$d' "$1"
  echo
  sed -n '/^--- /,$p' "$1"
  echo
}

# What a test said: the first three checks that failed, and all else.
show_output() {
  printf '%s\n\n' "$(awk '/ is false: / && ++n > 3 { if (n == 4) print "..."; next } { print }' "$output")"
}

apply() { # BUG
  (
    cd "$source" || exit 1
    if command -v git >/dev/null; then
      unset GIT_DIR GIT_WORK_TREE # the copy is no part of a repository around it
      GIT_CEILING_DIRECTORIES=$place git apply --whitespace=nowarn
    else
      patch -p1 -s -F0
    fi
  ) <"$1" >"$output" 2>&1
}

# Above the diff stand words, then a line Fails: or, of an exercise, some.
check_form() { # BUG
  if [ ! -f "$1" ]; then
    problem "$1: no such file"
  elif ! awk '/^--- / { exit } /^Fails: ./ { n++ } NR == 1 && n { exit } END { exit !n || NR == 1 }' "$1" ||
    ! grep -q '^+++ ' "$1"; then
    problem "$1: this is not a patch below words and a line \"Fails: SENTENCE\""
  fi
}

# Plant, test, restore.
plant() { # BUG
  name=$(basename "$1" .patch)
  build=$place/build
  needs=$(sed -n 's/^Needs: //p' "$1")
  if [ -n "$needs" ]; then
    build=$place/build$needs
    # shellcheck disable=SC2086 # one or more options
    configure $needs
  fi
  fails=$(sed -n 's/^Fails: //p' "$1")
  files=$(sed -n 's|^--- a/||p; s|^+++ b/||p' "$1" | sort -u)
  ! $show || show_bug "$1"
  if $show || [ -n "$needs" ]; then
    expect_all passed "$fails" "$name: before it is planted" || return
  fi
  if apply "$1"; then
    if expect_all failed "$fails" "$name"; then
      echo "$name" >>"$caught"
      sed -n 's/^Passes: //p' "$1" | while IFS= read -r test; do
        if expect passed "$test" "$name" && $show; then
          echo "not noticed: $name by \"$test\""
        fi
      done
    fi
  else
    cat "$output"
    problem "$name: the patch does not apply"
  fi
  restore "$files"
}

# A test that fails anyhow would catch everything.
check_before() { # BUGS
  cmake --build "$build" --parallel "$n_cores" >"$output" 2>&1 || die "the copy in $source cannot be built"
  cat "$@" | sed -n 's/^Fails: //p' | sort -u >"$place/fails"
  numbers=$(while IFS= read -r test; do
    number_of "$place/tests" "$test"
  done <"$place/fails" | paste -s -d, -)
  if ! (cd "$build" && ctest --timeout 120 -j "$n_cores" -I "0,0,0,$numbers") >"$output" 2>&1; then
    while IFS= read -r test; do
      expect passed "$test" "before any bug is planted"
    done <"$place/fails"
  fi
}

finish() { # NUMBER OF BUGS
  if [ -s "$problems" ]; then
    echo "planted bugs:"
    cat "$problems"
    exit 1
  elif [ "$(wc -l <"$caught")" -ne "$1" ]; then
    echo "planted bugs: $(wc -l <"$caught") of $1 were caught"
    exit 1
  elif [ "$1" -gt 1 ]; then
    echo "$1 planted bugs and exercises, all caught."
  fi
}

[ $# -gt 0 ] || set -- "$root"/tests/bugs/*.patch "$root"/tests/exercises/*.patch
for bug; do
  check_form "$bug"
done
[ ! -s "$problems" ] || finish $#
make_copy
configure
show=true
if [ $# -gt 1 ]; then
  show=false
  check_before "$@"
fi
# Bugs of one file follow each other: what one has changed need not be compiled without it in between.
for bug; do
  printf '%s\t%s\n' "$(sed -n 's|^+++ b/||p' "$bug" | sed 1q)" "$bug"
done | sort | while IFS=$tab read -r file bug; do
  plant "$bug" || :
done || exit 1 # as die() only ends the loop
finish $#
