# SPDX-License-Identifier: MIT
# structure.sh -- rules about the source that no compiler checks. By hand, from anywhere:
#
#   sh tests/scripts/structure.sh              all
#   sh tests/scripts/structure.sh includes     one of them
#
#   includes    a file includes headers of its own or an earlier directory, and of the C11 library
#   families    only the tables of the families know their names
#   variables   nothing outside a function can change, and nothing static inside one
#   licence     every file has its SPDX line
#   columns     no line is too long
#   new         what a loop of 04 has and its model in an earlier stage has not is marked  // NEW in 04
#   tutorial    TUTORIAL.md shows the differences between these loops as they are
#   quotations  and the functions that it prints as they are
#   exercises   every patch of tests/exercises applies (where there is git)
. "$(dirname "$0")/lib.sh"
cd "$root" || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
problems=$scratch/problems
. tests/scripts/structure_loops.sh
sources=$(find 0* -name '*.[ch]' | sort)
of_tests=$(find CMakeLists.txt tests -name '*.[ch]' -o -name '*.sh' -o -name '*.cmake' -o -name 'CMake*')

# Without problems a file of them is empty. The awk program that wrote it has ended without an error.
report() { # SENTENCE
  status=$?
  [ $status = 0 ] || complain "awk: status $status"
  [ ! -s "$problems" ] || complain "$1" "$problems"
}

# Copies of the sources without comments, and without the examples of --help.
write_code() {
  code=$scratch/code
  for file in $sources; do
    printf '%s\n' "$code/${file%/*}"
  done | sort -u | xargs mkdir -p
  awk -v code="$code" '
    FNR == 1 {
      if (copy) close(copy)
      copy = code "/" FILENAME
      in_comment = 0
    }
    {
      sub(/\/\/.*/, "")
      text = ""
      while ($0 != "") {
        at = index($0, in_comment ? "*/" : "/*")
        if (!in_comment) text = text (at ? substr($0, 1, at - 1) : $0)
        $0 = at ? substr($0, at + 2) : ""
        if (at) in_comment = !in_comment
      }
      gsub(/"build\/0[^"]*/, "", text)
      print text > copy
    }' $sources
}

# ---- includes ----------------------------------------------------------------------------------------------

# In the order in which they may use each other; model/ and text/ may use each other.
directories='01_attention/tensor 01_attention/text 01_attention/model 01_attention 02_decoder
  03_greedy_nocache 04_kvcache 05_beam'
c11='assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign'
c11="$c11 stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time"
c11="$c11 uchar wchar wctype"

place_of() { # DIRECTORY: $place, 0 if it is none of these
  place=0
  for known in $directories; do
    place=$((place + 1))
    [ "$1" != "$known" ] || return 0
  done
  place=0
}

check_header() { # FILE HEADER
  found=
  for candidate in "${1%/*}/$2" 0*/"$2"; do
    if [ -z "$found" ] && [ -e "$candidate" ]; then
      found=${candidate%/*}
    fi
  done
  place_of "$found"
  other=$place
  place_of "${1%/*}"
  if [ $other = 0 ]; then
    complain "$1: \"$2\" is not a header of a stage"
  elif [ $other -gt $place ] && [ "${1%/*} $found" != '01_attention/text 01_attention/model' ]; then
    complain "$1: \"$2\" belongs to $found, which comes later"
  fi
}

check_includes() {
  for file in $sources; do
    place_of "${file%/*}"
    [ $place -gt 0 ] || complain "$file: a directory that tests/scripts/structure.sh does not know"
  done
  (cd "$code" && awk '
    match($0, /#include [<"][^>"]+[>"]/) {
      print FILENAME, substr($0, RSTART + 9, 1), substr($0, RSTART + 10, RLENGTH - 11)
    }' $sources) > "$scratch/includes" || complain 'awk failed'
  [ -s "$scratch/includes" ] || complain 'no file includes anything'
  while read -r file kind header; do
    case "$kind $file $header" in
      '"'*) check_header "$file" "$header" ;;
      *'/workers.c pthread.h' | *'/workers.c sched.h' | *'/texts.c poll.h' | *'/texts.c unistd.h') ;;
      *)
        case " $c11 " in
          *" ${header%.h} "*) ;;
          *) complain "$file: <$header> is not a header of C11" ;;
        esac
        ;;
    esac
  done < "$scratch/includes"
}

# ---- families ----------------------------------------------------------------------------------------------

check_families() {
  tables='marian.c t5.c gpt2.c families.c family.h'
  (cd "$code" && awk -v tables="$tables" '
    BEGIN { for (n = split(tables, name, " "); n > 0; n--) is_table["01_attention/model/" name[n]] = 1 }
    !(FILENAME in is_table) && tolower($0) ~ /marian|umt5|gpt2|gpt_2|(^|[^a-z0-9])t5|opus/ {
      print FILENAME ":" FNR ": " $0
    }' $sources) > "$problems"
  report 'The name of a family outside its table:'
}

# ---- variables ---------------------------------------------------------------------------------------------

# clang-format puts what stands outside of functions at the beginning of a line.
check_variables() {
  (cd "$code" && awk '
    { line = line $0 }
    sub(/\\$/, "", line) { next } # macros in one line
    {
      gsub(/[][]/, "", line)
      # Declarations without parentheses; and everything static inside a function.
      if (match(line, /^[a-zA-Z_][^(]*[=;]/) || match(line, /^[a-zA-Z_][^(=]*[{]/) ||
          match(line, /^ +static [^=]*=?/))
        check(substr(line, RSTART, RLENGTH))
      line = ""
    }
    function check(text) {
      sub(/^ +/, "", text)
      if (text ~ /^(typedef|enum|struct [A-Za-z]+ [{]|struct [A-Za-z]+;|union|else|do)/) return
      if (text !~ /(^| )const / || text ~ /[*][a-z_A-Z]+ *[=;]/) print FILENAME ":" FNR ": " text
    }' $sources) > "$problems"
  report 'This can change:'
}

# ---- licence -----------------------------------------------------------------------------------------------

check_licence() {
  for file in $sources $of_tests; do
    first=
    {
      read -r first
      case $first in '#!'*) read -r first ;; esac
    } < "$file"
    case $first in
      '// SPDX-License-Identifier: MIT' | '# SPDX-License-Identifier: MIT') ;;
      *) complain "$file: line 1 (or 2, behind #!) should be its SPDX line" ;;
    esac
  done
}

# ---- columns -----------------------------------------------------------------------------------------------

# Source: at most 110. Documents: at most 100, but for what cannot be broken: blocks, tables, a URL alone.
check_columns() {
  # Those of the repository; in a copy that is none, all there are.
  documents=$(git ls-files '*.md' 2>/dev/null)
  [ -n "$documents" ] || documents=$(find . -name 'build*' -prune -o -name '*.md' -print | sed 's|^\./||')
  ci=
  [ ! -e .ci/run ] || ci=.ci/run
  awk '
    FNR == 1 {
      is_document = FILENAME ~ /[.]md$/
      in_block = 0
    }
    {
      text = $0
      gsub(/[\200-\277]/, "", text) # of a character of UTF-8 one byte remains
    }
    is_document && /^ *```/ {
      in_block = !in_block
      next
    }
    is_document && (in_block || /^[|]/ || /^[ >]*([-*+]|[0-9]+[.])? *[^ ]*:\/\/[^ ]*$/) { next }
    length(text) > (is_document ? 100 : 110) { print FILENAME ":" FNR ": " length(text) " columns" }
    ' $sources $of_tests $ci $documents > "$problems"
  report 'More than 110 columns (documents: 100):'
}

# ---- exercises ---------------------------------------------------------------------------------------------

check_exercises() {
  command -v git > /dev/null || return 0
  for exercise in tests/exercises/*.patch; do # (a repository around this directory is none of its business)
    GIT_CEILING_DIRECTORIES=${root%/*} git apply --check "$exercise" 2> "$problems" ||
      complain "$exercise does not apply (it cannot while the exercise is being done):" "$problems"
  done
}

# ------------------------------------------------------------------------------------------------------------

all_checks='includes families variables licence columns new tutorial quotations exercises'
[ $# -gt 0 ] || eval "set -- $all_checks"
write_code || exit 2
for check; do
  case " $all_checks " in
    *" $check "*) "check_$check" ;;
    *)
      printf '%s\n' "usage: sh tests/scripts/structure.sh [CHECK...], of: $all_checks" >&2
      exit 2
      ;;
  esac
done
finish
