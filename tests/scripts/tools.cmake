# SPDX-License-Identifier: MIT
# tools.cmake -- the programs that measure, on inputs with known answers. By hand, from anywhere:
#
#   cmake -DBUILD=build -DCHECK=evaluate -P tests/scripts/tools.cmake
#
#   evaluate   error rates of a few lines that were counted by hand; and what is wrong with other files
#   bench      a benchmark of a small shape prints every section, and plot draws it. No time is looked at
cmake_minimum_required(VERSION 3.16)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
get_filename_component(build "${BUILD}" ABSOLUTE BASE_DIR "${root}")
set(files "${build}/test-files/tools")
file(MAKE_DIRECTORY "${files}")

# Run a program with input from a file ("-": none); it must end with this status.
function(run status input program)
  if(input STREQUAL "-")
    file(WRITE "${files}/nothing" "")
    set(input nothing)
  endif()
  execute_process(COMMAND "${build}/${program}" ${ARGN} WORKING_DIRECTORY "${root}" INPUT_FILE "${files}/${input}"
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    message(SEND_ERROR "${program} ${ARGN}: status ${result}, expected ${status}\n${out}${err}")
  endif()
  set(out "${out}" PARENT_SCOPE)
  set(err "${err}" PARENT_SCOPE)
endfunction()

function(expect what text part)
  string(FIND "${text}" "${part}" at)
  if(at EQUAL -1)
    message(SEND_ERROR "${what}: expected\n${part}\nin\n${text}")
  endif()
endfunction()

# ---- evaluate ----------------------------------------------------------------------------------------------

#              output         closest reference   edits   without stress
#   read       R IY1 D        R IY1 D             0 of 3  0 of 3
#   cat        K AE0 T S      K AE1 T             2 of 3  1 of 3
#   bee        B IY0          B IY1               1 of 2  0 of 2
#   nothing                   K L                 2 of 2  2 of 2
#   tie        A B C          A B, not A B C D    1 of 2  1 of 2
# Wrong: 4 of 5, and 3 of 5. Edits: 6 of 12, and 4 of 12.
function(check_evaluate)
  set(references "${files}/references.tsv")
  file(WRITE "${references}"
    "read\tR EH1 D\tR IY1 D\ncat\tK AE1 T\nbee\tB IY1\nnothing\tM N O\tK L\ntie\tA B C D\tA B\n")
  set(rates "lines\t5\nWER\t80.00\nPER\t50.00\nWER without stress\t60.00\nPER without stress\t33.33\n")

  # In another order, with a text nobody asked for; of each text the first line counts.
  file(WRITE "${files}/output" "tie\tA B C\nbee\tB IY0\nmore\tM AO1 R\nread\tR IY1 D\nread\tR\nnothing\t\ncat\tK AE0 T S\n")
  run(0 output evaluate "${references}")
  expect("two fields" "${out}" "${rates}")
  file(WRITE "${files}/output"
    "cat\t-0.5\tK AE0 T S\ncat\t-0.6\tK AE1 T\nread\t-0.1\tR IY1 D\ntie\t-1\tA B C\nbee\t-2\tB IY0\nnothing\t-3\t\n")
  run(0 output evaluate "${references}")
  expect("three fields" "${out}" "${rates}")

  file(WRITE "${files}/output" "read\tR IY1 D\nbee\tB IY0\ntie\tA B C\nnothing\t\n")
  run(1 output evaluate "${references}")
  expect("a missing text" "${err}" "error: stdin: no line for the text \"cat\" (${references}:2)")
  file(WRITE "${files}/output" "read\tR IY1 D\nbee\n")
  run(1 output evaluate "${references}")
  expect("one field" "${err}" "error: stdin:2: expected 2 fields")
  run(1 - evaluate "${files}")
  expect("a directory" "${err}" "error: ${files}: cannot ")
  run(1 - evaluate "${files}/no such file")
  expect("no file" "${err}" "no such file: cannot open")
  run(1 - evaluate "${files}/nothing")
  expect("no lines" "${err}" "nothing: expected lines, found none")
  file(WRITE "${files}/words" "read\tR EH1 D\ncat\n")
  run(1 - evaluate "${files}/words")
  expect("no pronunciation" "${err}" "words:2: expected a text and at least one pronunciation")
  run(2 - evaluate)
  run(2 - evaluate "${references}" --stress)
  expect("a wrong option" "${err}" "unknown option --stress")
  run(0 - evaluate --help)
  expect("help" "${out}" "usage: evaluate REFERENCES")
endfunction()

# ---- bench and plot ----------------------------------------------------------------------------------------

function(check_bench)
  run(0 - bench data/marian --quick --shape 32,2,64,100,8 --threads 2)
  file(WRITE "${files}/bench.tsv" "${out}")
  foreach(line "limits\t-\tmemory\t2\t8 streams\t" "matmul\t-\t512 -> 512 hot\t48\tshare of limit\t"
          "matmul\t-\t2048 -> 512 cold\t1\tweights\t" "matmul\t-\t512 -> 512 hot, textbook\t1\tarithmetic\t")
    expect("bench" "${out}" "\n${line}")
  endforeach()
  foreach(model 32,2,64,100,8 data/marian)
    foreach(line "stages\tM\t03\t20\tshare of peak\t" "stages\tM\t04\t20\tshare of 8 streams\t" "stages\tM\t03 / 04\t10\tspeed-up\t"
            "stages\tM\t03 / 04 textbook\t10\tspeed-up\t" "beams\tM\tshare\t4\tof greedy\t" "beams\tM\tcopy\t8\tshare of reorder\t"
            "batch\tM\ttexts\t16\tof one text\t" "threads\tM\tgreedy\t2\tof one thread\t")
      string(REPLACE "\tM\t" "\t${model}\t" line "${line}")
      expect("bench" "${out}" "\n${line}")
    endforeach()
  endforeach()
  # 20 tokens are 2 blocks of 16, in 2 layers, of keys and values of 32 floats.
  expect("bytes" "${out}" "\nstages\t32,2,64,100,8\t04\t20\tcache self\t16384\tbytes\t")
  run(2 - bench --shape 1,2,3)
  expect("a wrong shape" "${err}" "--shape: expected five numbers")
  run(2 - bench --shape)
  run(1 - bench "no such model")

  run(0 bench.tsv plot)
  expect("plot" "${out}" "model 32,2,64,100,8</text>\n</svg>")
  run(0 bench.tsv plot data/marian)
  expect("plot" "${out}" "model data/marian</text>\n</svg>")
  expect("plot" "${out}" "prefers-color-scheme: dark")
  run(1 bench.tsv plot other)
  expect("plot of nothing" "${err}" "no speed-up of the model \"other\"")
endfunction()

if(CHECK STREQUAL "evaluate")
  check_evaluate()
else()
  check_bench()
endif()
