# SPDX-License-Identifier: MIT
# structure_loops.sh -- checks of structure.sh: the loops of stage 04 beside those they come from, and what
# TUTORIAL.md shows of the source.

# A loop, and the loop that it comes from.
pairs='02_decoder/decoder.c decoder_forward   04_kvcache/kvcache.c kvcache_forward
03_greedy_nocache/greedy.c greedy             04_kvcache/kvgreedy.c kvcache_greedy'

# A check for each pair: the functions are the files $old and $new, their stages 02 and 04 are $from and $to;
# the file should_show is what diff says.
for_pairs() { # CHECK
  old=$scratch/old
  new=$scratch/new
  while read -r old_file old_name new_file new_name; do
    from=${old_file%%_*}
    to=${new_file%%_*}
    if read_function "$old_file" "$old_name" > "$old" && read_function "$new_file" "$new_name" > "$new"; then
      diff -U1 "$old" "$new" | sed 1,2d > "$scratch/should_show"
      [ -s "$scratch/should_show" ] || complain "$old_name and $new_name do not differ"
      "$1"
    fi
  done << END
$pairs
END
}

# A function from its first line to its last.
read_function() { # FILE NAME
  { [ -e "$1" ] && awk -v name="$2" '
    !inside && $0 ~ "^[a-z][^;]*[ *]" name "\\(" {
      inside = 1
      n = 0
    }
    inside { line[++n] = $0 }
    inside && /;$/ && !has_body { inside = 0 } # a declaration
    inside && $0 == "{" { has_body = 1 }
    inside && $0 == "}" {
      for (i = 1; i <= n; i++) print line[i]
      found = 1
      exit
    }
    END { exit !found }' "$1"; } || {
    complain "$1: there is no function $2"
    return 1
  }
}

# ---- new ---------------------------------------------------------------------------------------------------

check_new() {
  for_pairs marked
}

marked() {
  diff "$old" "$new" | awk -v file="$new_file" -v from="$from" -v mark="// NEW in $to" '
    /^< / { removed[substr($0, 3)] = 1 }
    /^> / { added[++n] = substr($0, 3) }
    END {
      for (i = 1; i <= n; i++) {
        at = index(added[i], mark)
        code = substr(added[i], 1, at - 1)
        sub(/ +$/, "", code)
        if (!at) print file ": not in " from ", but not marked  " mark ": " added[i]
        else if (code in removed) print file ": marked as new, but " from " has it: " added[i]
      }
      if (!n) print file ": nothing is new, compared with " from
    }' > "$problems"
  report "Marks of what is new in $new_name:"
}

# ---- tutorial ----------------------------------------------------------------------------------------------

check_tutorial() {
  for_pairs shown
}

# The block ```diff behind the line <!-- diff 02 04 --> must be a difference of the two functions, whichever
# way it was found: applied to the old one it gives the new one, and it removes no more lines than diff does.
# It has as many lines around as it likes; its parts begin with lines @@.
shown() {
  marker="<!-- diff $from $to -->"
  awk -v marker="$marker" '
    !place && $0 == marker { place = 1; next }
    place == 1 { if ($0 != "```diff") exit; place = 2; next }
    place == 2 && /^```/ { place = 3; exit }
    place == 2
    END { exit place != 3 }' TUTORIAL.md > "$scratch/shown" || {
    complain "TUTORIAL.md: there is no line $marker with a block \`\`\`diff below it; it should show:" \
      "$scratch/should_show"
    return
  }
  awk -v old="$old" -v new="$new" -v n_fewest="$(grep -c '^-' "$scratch/should_show")" '
    FILENAME == old { a[++n_a] = $0; next }
    FILENAME == new { b[++n_b] = $0; next }
    { shown++ }
    !in_part && /^(---|[+][+][+]) / { next }
    /^@@ -[0-9]+(,[0-9]+)? [+][0-9]+(,[0-9]+)? @@/ {
      end_part()
      in_part = 1
      first_a = first_of($2)
      end_a = first_a + n_lines
      first_b = first_of($3)
      end_b = first_b + n_lines
      skip_to(first_a, first_b)
      next
    }
    {
      mark = $0 == "" ? " " : substr($0, 1, 1)
      text = substr($0, 2)
      if (!in_part || mark !~ /[- +]/) wrong("not part of what begins with @@ -LINE,LINES +LINE,LINES @@")
      if (mark != "+" && a[++i] != text) wrong("line " i " of the old function is otherwise: " a[i])
      if (mark != "-" && b[++j] != text) wrong("line " j " of the new function is otherwise: " b[j])
      n_removed += mark == "-"
    }

    # Of -LINE,LINES: none is meant before the next line, one is not written.
    function first_of(range,  part) {
      n_lines = split(substr(range, 2), part, ",") == 2 ? part[2] : 1
      return part[1] + (n_lines == 0)
    }

    # Between two parts both functions have the same lines.
    function skip_to(next_a, next_b) {
      while (i + 1 < next_a || j + 1 < next_b) {
        if (i + 1 >= next_a || j + 1 >= next_b) wrong("the numbers of lines do not fit")
        if (a[++i] != b[++j]) wrong("before this there are differences that are not shown: " a[i] " / " b[j])
      }
      if (i + 1 != next_a || j + 1 != next_b) wrong("the numbers of lines do not fit")
    }

    function end_part() {
      if (in_part && (i + 1 != end_a || j + 1 != end_b)) wrong("the part above is not as long as it says")
    }

    function wrong(sentence) {
      if (!is_wrong) print "line " shown " of the block, " $0 ": " sentence
      is_wrong = 1
      exit
    }

    END {
      if (is_wrong) exit
      end_part()
      skip_to(n_a + 1, n_b + 1)
      if (n_removed > n_fewest) wrong("there is a difference that removes fewer lines")
    }' "$old" "$new" "$scratch/shown" > "$problems"
  report "TUTORIAL.md, $marker:"
  [ ! -s "$problems" ] || complain 'It should show:' "$scratch/should_show"
}

# ---- quotations --------------------------------------------------------------------------------------------

# A block of ```c behind a line <!-- code FILE --> stands so in FILE.
check_quotations() {
  awk '
    /^<!-- code [^ ]+ -->$/ {
      file = $3
      block = ""
      next
    }
    file && block == "" {
      if ($0 == "```c") block = "\n"
      else {
        print "behind <!-- code " file " --> there is no block ```c"
        file = ""
      }
      next
    }
    file && /^```/ {
      n++
      if (!index("\n" content_of(file), block)) print "this is not what stands in " file ":" block
      file = ""
    }
    file { block = block $0 "\n" }

    function content_of(file,  line, text) {
      while ((getline line < file) > 0) text = text line "\n"
      close(file)
      return text
    }

    END {
      if (file) print "the block behind <!-- code " file " --> has no end"
      if (n < 5) print n + 0 " functions are behind lines <!-- code FILE -->; there are five central ones"
    }' TUTORIAL.md > "$problems"
  report 'TUTORIAL.md:'
}
