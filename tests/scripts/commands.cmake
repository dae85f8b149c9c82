# SPDX-License-Identifier: MIT
# commands.cmake -- the five programs as a user meets them: what they print, what they refuse, and how they say it.
#
#   cmake -DBUILD=build -P tests/scripts/commands.cmake                from anywhere; all checks
#   cmake -DBUILD=build -DCHECK=lines -P tests/scripts/commands.cmake  one of them
#
#   help       --help shows every option with its default, and an example that works
#   usage      a wrong command line: status 2, one line that names the option and hints at --help
#   models     a directory that is no model: status 1, one line that names the file
#   tables     01 and 02 print tables of the right shape, and 02 agrees with 04
#   same       03 and 04 print the same bytes, however they are asked
#   beams      05 prints n lines per text, best first, the same bytes however it is asked
#   texts      what is a text: arguments or lines of stdin, up to a TAB
#   lines      a bad line is reported with its number and loses no other
#   positions  an output ends where the model's positions end, and says so
#
# A case is a line of a table: accept(), refuse(), same(), differ_in_batches(). Tests run in parallel, so each check has
# files of its own in BUILD/test-files.
cmake_minimum_required(VERSION 3.16)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
get_filename_component(BUILD "${BUILD}" ABSOLUTE)
set(all_checks help usage models tables same beams texts lines positions)
set(generators 03_greedy_nocache 04_kvcache 05_beam)
set(stages 01_attention 02_decoder ${generators})
set(families marian umt5 gpt2)

# ---- running -----------------------------------------------------------------------------------------------

function(complain sentence)
  message("${sentence}")
  set_property(GLOBAL PROPERTY failed ON)
endfunction()

# A command line (quotes as in a shell) with this stdin: status, out, err.
function(run line input)
  separate_arguments(words UNIX_COMMAND "${line}")
  list(GET words 0 program)
  list(REMOVE_AT words 0)
  file(WRITE "${scratch}/input" "${input}")
  execute_process(COMMAND "${BUILD}/${program}" ${words} INPUT_FILE "${scratch}/input" WORKING_DIRECTORY "${root}" TIMEOUT 100
    RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
  set_property(GLOBAL APPEND_STRING PROPERTY cases x)
  foreach(variable status out err)
    set(${variable} "${${variable}}" PARENT_SCOPE)
  endforeach()
endfunction()

# A command line must have this status and stdout; `err` of the caller is what it said on stderr.
function(expect line input expected_status expected_out)
  run("${line}" "${input}")
  if(NOT status STREQUAL expected_status)
    complain("${line}: status ${status}, expected ${expected_status}; it said:\n${err}")
  endif()
  if(NOT out STREQUAL expected_out)
    complain("${line}: expected\n${expected_out}but it printed\n${out}")
  endif()
  set(err "${err}" PARENT_SCOPE)
endfunction()

macro(accept line input expected_out)
  expect("${line}" "${input}" 0 "${expected_out}")
endmacro()

# Nothing on stdout, and one line on stderr: "error: MESSAGE...".
function(refuse status message line)
  expect("${line}" "" "${status}" "")
  string(FIND "${err}" "error: ${message}" place)
  if(NOT place EQUAL 0 OR NOT err MATCHES "^[^\n]+\n$")
    complain("${line}: expected one line \"error: ${message}...\", it said:\n${err}")
  endif()
  if(status EQUAL 2 AND NOT err MATCHES "--help")
    complain("${line}: no hint at --help:\n${err}")
  endif()
endfunction()

function(refuse_by programs status message rest)
  foreach(program IN LISTS programs)
    refuse(${status} "${message}" "${program} ${rest}")
  endforeach()
endfunction()

# All these command lines print the same bytes, not none; they are `out` then.
function(same input line)
  run("${line}" "${input}")
  set(first "${out}")
  if(NOT status EQUAL 0 OR first STREQUAL "")
    complain("${line}: status ${status}, it printed:\n${out}and said:\n${err}")
  endif()
  foreach(other IN LISTS ARGN)
    expect("${other}" "${input}" 0 "${first}")
  endforeach()
  set(out "${first}" PARENT_SCOPE)
endfunction()

# stderr has these lines and no other error; the rest of them may be anything.
function(expect_errors line err) # "line 3: problem" ...
  string(REGEX MATCHALL "error: [^\n]*" found "${err}")
  list(LENGTH found n_found)
  foreach(problem IN LISTS ARGN)
    string(FIND "\n${err}" "\nerror: ${problem}" place)
    if(place EQUAL -1)
      complain("${line}: expected \"error: ${problem}...\", it said:\n${err}")
    endif()
  endforeach()
  list(LENGTH ARGN n_expected)
  if(NOT n_found EQUAL n_expected)
    complain("${line}: ${n_found} errors, expected ${n_expected}:\n${err}")
  endif()
endfunction()

# The first n words of the test set, one a line.
function(test_words out n)
  file(STRINGS "${root}/data/cmudict-test.tsv" lines LIMIT_COUNT ${n})
  set(words "")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "\t.*" "" word "${line}")
    string(APPEND words "${word}\n")
  endforeach()
  set(${out} "${words}" PARENT_SCOPE)
endfunction()

function(count_lines n text)
  string(REGEX MATCHALL "\n" breaks "${text}")
  list(LENGTH breaks count)
  set(${n} ${count} PARENT_SCOPE)
endfunction()

# ---- help --------------------------------------------------------------------------------------------------

set(common max-new-tokens min-new-tokens num-return-sequences repetition-penalty no-repeat-ngram-size batch-size threads steps ids)
set(sampling temperature top-k top-p min-p seed)
set(options_of_01_attention head ids help)
set(options_of_02_decoder attention layer head logits ids help)
set(options_of_03_greedy_nocache ${common} ${sampling} help)
set(options_of_04_kvcache ${common} ${sampling} no-cache help)
set(options_of_05_beam ${common} num-beams length-penalty early-stopping reorder help)

function(check_help)
  foreach(stage IN LISTS stages)
    run("${stage} --help" "")
    if(NOT status EQUAL 0 OR NOT err STREQUAL "" OR NOT out MATCHES "^usage: ${stage} MODEL ")
      complain("${stage} --help: status ${status}, it printed:\n${out}${err}")
    endif()
    string(REPLACE ";" "," described "${out}")
    string(REGEX MATCHALL "\n  --[^\n]*" described "${described}")
    set(options "")
    foreach(line IN LISTS described)
      string(REGEX MATCH "--([a-z-]+)( [A-Z]+)?  " start "${line}")
      list(APPEND options ${CMAKE_MATCH_1})
      if(NOT "${CMAKE_MATCH_2}" STREQUAL "" AND NOT line MATCHES "\\(default[: ].*\\)")
        complain("${stage} --help: this shows no default:${line}")
      endif()
    endforeach()
    if(NOT options STREQUAL options_of_${stage})
      complain("${stage} --help: its options are ${options}, expected ${options_of_${stage}}")
    endif()
    if(out MATCHES "\nexample:\n  build/([^\n]*)\n$")
      same("" "${CMAKE_MATCH_1}" "${CMAKE_MATCH_1}")
    else()
      complain("${stage} --help: no example:\n${out}")
    endif()
  endforeach()
  same("" "04_kvcache --help" "04_kvcache data/marian read --help" "04_kvcache --ids --help nowhere")
endfunction()

# ---- usage -------------------------------------------------------------------------------------------------

function(check_usage)
  refuse_by("${stages}" 2 "too few arguments" "")
  refuse(2 "too few arguments" "01_attention data/marian")
  refuse(2 "too many arguments" "01_attention data/marian read either")
  refuse(2 "too few arguments" "02_decoder data/marian read")
  refuse(2 "too many arguments" "02_decoder data/marian read R IY1")

  refuse_by("${stages}" 2 "unknown option --beams" "data/marian read --beams 4")
  refuse_by("${stages}" 2 "unknown option --id" "data/marian read --id")
  refuse_by("03_greedy_nocache;04_kvcache" 2 "unknown option --num-beams" "data/marian read --num-beams 4")
  refuse(2 "unknown option --temperature" "05_beam data/marian read --temperature 1")
  refuse(2 "unknown option --no-cache" "05_beam data/marian read --no-cache")
  refuse(2 "unknown option --reorder=copy" "04_kvcache data/marian read --reorder=copy")

  foreach(option IN LISTS common sampling) # those that take a value
    if(NOT option MATCHES "^(steps|ids)$")
      refuse(2 "--${option}: expected a value, found the end" "04_kvcache data/marian read --${option}")
    endif()
  endforeach()
  refuse_by("01_attention;02_decoder" 2 "--head: expected a value, found the end" "data/marian read R --head")
  refuse(2 "--reorder: expected a value, found the end" "05_beam data/marian read --reorder")
  refuse_by("${generators}" 2 "--ids takes no value" "data/marian read --ids=1")
  refuse_by("${generators}" 2 "--steps takes no value" "data/marian read --steps=")

  # Values out of range, for all programs that have the option.
  foreach(value -1 x 1.0 1e0 0x1 "' 1'" "1:" 99999999999999999999)
    string(REPLACE "'" "" shown "${value}")
    refuse(2 "--head: expected a whole number from 0 to 1000000, found \"${shown}\"" "01_attention data/marian read --head ${value}")
  endforeach()
  refuse(2 "--head: expected a whole number from 0 to 1000000, found \"\"" "01_attention data/marian read --head=")
  foreach(value 0 -1 2.5 10000001)
    refuse_by("${generators}" 2 "--max-new-tokens: expected a whole number from 1 to 10000000, found \"${value}\""
      "data/marian read --max-new-tokens ${value}")
  endforeach()
  refuse_by("${generators}" 2 "--min-new-tokens: expected a whole number from 0" "data/marian read --min-new-tokens -1")
  refuse_by("${generators}" 2 "--num-return-sequences: expected a whole number from 1" "data/marian read --num-return-sequences 0")
  refuse_by("${generators}" 2 "--repetition-penalty: expected a number from" "data/marian read --repetition-penalty 0")
  refuse_by("${generators}" 2 "--no-repeat-ngram-size: expected a whole number" "data/marian read --no-repeat-ngram-size -1")
  refuse_by("${generators}" 2 "--batch-size: expected a whole number from 1" "data/marian read --batch-size 0")
  refuse_by("${generators}" 2 "--threads: expected a whole number from 1 to 256, found \"257\"" "data/marian read --threads 257")
  foreach(value -0.1 nan inf 1e7 hot)
    refuse(2 "--temperature: expected a number from 0 to 1000000, found \"${value}\"" "03_greedy_nocache data/marian read --temperature ${value}")
  endforeach()
  refuse(2 "--top-k: expected a whole number from 0" "03_greedy_nocache data/marian read --temperature 1 --top-k -1")
  refuse(2 "--top-p: expected a number from 0 to 1" "03_greedy_nocache data/marian read --temperature 1 --top-p 1.1")
  refuse(2 "--min-p: expected a number from 0 to 1" "03_greedy_nocache data/marian read --temperature 1 --min-p -0.1")
  foreach(value -1 1.5 18446744073709551616 "''")
    refuse(2 "--seed: expected a whole number from 0" "03_greedy_nocache data/marian read --seed=${value}")
  endforeach()
  refuse(2 "--num-beams: expected a whole number from 1" "05_beam data/marian read --num-beams 0")
  refuse(2 "--length-penalty: expected a number" "05_beam data/marian read --length-penalty long")
  refuse(2 "--early-stopping: expected false, or true, or never, found \"maybe\"" "05_beam data/marian read --early-stopping maybe")
  refuse(2 "--reorder: expected share, or copy, found \"\"" "05_beam data/marian read --reorder=")

  # What only another option, or the model, shows to be wrong.
  foreach(option "top-k 5" "top-p 0.9" "min-p 0.1" "num-return-sequences 2")
    string(REGEX REPLACE " .*" "" name "${option}")
    refuse_by("03_greedy_nocache;04_kvcache" 2 "--${name}" "data/marian read --${option}")
    refuse(2 "--${name}" "04_kvcache data/marian read --temperature 0 --${option}")
    refuse(2 "--${name}" "04_kvcache nowhere read --${option}")
  endforeach()
  refuse(2 "--num-return-sequences: expected at most the number of beams, 4, found 5" "05_beam data/marian read --num-return-sequences 5")
  refuse(2 "--num-return-sequences: expected at most the number of beams, 2" "05_beam data/umt5 read --num-beams 2 --num-return-sequences 3")
  refuse(2 "--head: expected a number from 0 to 3, found 4" "01_attention data/marian read --head 4")
  refuse(2 "--head: expected a number from 0 to 3, found 4" "02_decoder data/gpt2 read R --attention --head 4")
  refuse(2 "--layer: expected a number from 0 to 5, found 6" "02_decoder data/gpt2 read R --attention --layer 6")
  refuse(2 "--layer and --head need --attention" "02_decoder data/marian read R --layer 0")
  refuse(2 "--layer and --head need --attention" "02_decoder data/marian read R --head 0 --logits")
  refuse(2 "--attention and --logits exclude each other" "02_decoder data/marian read R --attention --logits")

  # And what is right though it looks odd.
  accept("04_kvcache --max-new-tokens=9 data/marian --threads 2 read --batch-size=1" "" "read\tR IY1 D\n")
  accept("04_kvcache data/marian -- read" "" "read\tR IY1 D\n")
  same("--steps\n" "04_kvcache data/marian" "04_kvcache data/marian -- --steps" "04_kvcache -- data/marian --steps")
  same("" "05_beam data/marian read --length-penalty -1" "05_beam data/marian read --length-penalty=-1.0")
endfunction()

# ---- models ------------------------------------------------------------------------------------------------

# A copy of data/marian in `scratch` where a file has another text, or (no text) is missing.
function(damaged name file)
  foreach(part config.json generation_config.json model.safetensors tokenizer.json)
    file(COPY "${root}/data/marian/${part}" DESTINATION "${scratch}/${name}")
  endforeach()
  file(REMOVE "${scratch}/${name}/${file}")
  if(ARGC GREATER 2)
    file(WRITE "${scratch}/${name}/${file}" "${ARGV2}")
  endif()
endfunction()

# The copy is refused by one program of those that only load it and one of those that generate.
function(refuse_model name message)
  refuse(1 "${scratch}/${name}/${message}" "01_attention '${scratch}/${name}' read")
  refuse(1 "${scratch}/${name}/${message}" "04_kvcache '${scratch}/${name}' read")
endfunction()

function(check_models)
  refuse_by("01_attention;${generators}" 1 "nowhere/config.json: cannot open" "nowhere read")
  refuse(1 "nowhere/config.json: cannot open" "02_decoder nowhere read R")
  refuse_by("${generators}" 1 "data/config.json: cannot open" "data")

  damaged(no_config config.json)
  refuse_model(no_config "config.json: cannot open")
  damaged(half_config config.json "{\"architectures\": [\"MarianMTModel\"],")
  refuse_model(half_config "config.json:1: ")
  damaged(list_config config.json "[]")
  refuse_model(list_config "config.json: expected an object")
  damaged(other_config config.json "{\"architectures\": [\"BertModel\"]}")
  refuse_model(other_config "config.json: key \"architectures\": expected MarianMTModel")
  file(READ "${root}/data/marian/config.json" config)
  string(REPLACE "\"d_model\": 128" "\"d_model\": 64" other "${config}")
  damaged(narrow config.json "${other}")
  refuse_model(narrow "model.safetensors: ")
  string(REPLACE "\"decoder_layers\": 3," "" other "${config}")
  damaged(unsaid config.json "${other}")
  refuse_model(unsaid "config.json: key \"decoder_layers\": expected a whole number")

  damaged(no_weights model.safetensors)
  refuse_model(no_weights "model.safetensors: cannot open")
  damaged(no_header model.safetensors "not a checkpoint")
  refuse_model(no_header "model.safetensors: ")
  damaged(umt5s_weights model.safetensors)
  file(COPY "${root}/data/umt5/model.safetensors" DESTINATION "${scratch}/umt5s_weights")
  refuse_model(umt5s_weights "model.safetensors: ")

  damaged(half_options generation_config.json "{")
  refuse_model(half_options "generation_config.json:1: ")
  damaged(bad_option generation_config.json "{\n\"num_beams\": 0}")
  refuse_by("${generators}" 1 "${scratch}/bad_option/generation_config.json:2: key \"num_beams\": expected" "'${scratch}/bad_option' read")
  damaged(bad_end generation_config.json "{\"eos_token_id\": 102}")
  refuse_model(bad_end "generation_config.json:1: key \"eos_token_id\": expected a token id from 0 to 101")

  damaged(no_tokenizer tokenizer.json)
  refuse_model(no_tokenizer "tokenizer.json: cannot open")
  same("24 11 7 10 1\n" "04_kvcache '${scratch}/no_tokenizer' --ids" "04_kvcache data/marian --ids")
  damaged(other_tokenizer tokenizer.json "{\"model\": {\"type\": \"BPE\"}}")
  refuse_model(other_tokenizer "tokenizer.json: ")
endfunction()

# ---- tables ------------------------------------------------------------------------------------------------

# Every line of a text matches a pattern, and there are n of them.
function(expect_shape line n pattern text)
  count_lines(n_lines "${text}")
  if(NOT n_lines EQUAL n OR NOT text MATCHES "^(${pattern}\n)+$")
    complain("${line}: expected ${n} lines of the form ${pattern}, it printed:\n${text}")
  endif()
endfunction()

function(check_tables)
  # Rows and columns: r e a d </s>; in a decoder-only model </s> r e a d <sep>, and no row sees a later column.
  set(weight "\t[01][.][0-9][0-9]")
  run("01_attention data/marian read" "")
  string(REGEX REPLACE "^\tr\te\ta\td\t</s>\n" "" rows "${out}")
  expect_shape("01_attention data/marian read" 5 "(r|e|a|d|</s>)${weight}${weight}${weight}${weight}${weight}" "${rows}")
  accept("01_attention data/gpt2 --ids '1 10' --head 0" "" "\t1\t10\n1\t1.00\t\n10\t0.86\t0.14\n")
  refuse(1 "expected token ids from 0 to 101, found \"x\"" "01_attention data/marian --ids '4 x'")
  refuse(1 "expected token ids, found none" "01_attention data/marian --ids ' '")
  string(REPEAT "a" 64 long)
  refuse(1 "65 tokens are more than the model's 64 positions" "01_attention data/marian ${long}")

  run("02_decoder data/marian read 'R IY1 D' --attention" "")
  string(REGEX REPLACE "^\tr\te\ta\td\t</s>\n" "" rows "${out}")
  expect_shape("02_decoder --attention" 4 "(R|IY1|D|</s>)${weight}${weight}${weight}${weight}${weight}" "${rows}")
  run("02_decoder data/marian read 'R IY1 D' --logits" "")
  string(REGEX MATCHALL "[^ \n]+" logits "${out}")
  list(LENGTH logits n_logits)
  count_lines(n "${out}")
  if(NOT n EQUAL 4 OR NOT n_logits EQUAL 408 OR NOT out MATCHES "^[-+.e0-9 \n]+$")
    complain("02_decoder --logits: ${n} lines, ${n_logits} numbers, expected 4 and 4 * 102:\n${out}")
  endif()
  refuse(1 "expected tokens of data/marian/tokenizer.json, found \"r1\"" "02_decoder data/marian read 'R r1'")
  refuse(1 "expected token ids from 0 to 101, found \"-1\"" "02_decoder data/marian --ids '1' '5 -1'")
  refuse(1 "expected target tokens, found none" "02_decoder data/marian --ids 1 ' '")
  string(REPEAT "R " 64 long)
  refuse(1 "the target needs 65 positions, the model has 64" "02_decoder data/marian read '${long}'")

  # What 04 picks is the first choice of 02, at rank 1.
  foreach(family IN LISTS families)
    run("04_kvcache data/${family} transformer" "")
    string(REGEX REPLACE "^transformer\t(.*)\n$" "\\1" tokens "${out}")
    run("02_decoder data/${family} transformer '${tokens}'" "")
    string(REGEX REPLACE "\t-?[0-9.]+\t1\t[^\n]*\n" "\n" first "${out}")
    string(REGEX REPLACE "[^\t\n]+\t-?[0-9.]+\t1\t([^\n]*\n)" "\\1" choice "${out}")
    string(REPLACE " " "\n" expected "${tokens}\n</s>\nsum")
    string(REGEX REPLACE "(sum)\t-[0-9]+[.][0-9][0-9][0-9][0-9]\n$" "\\1" first "${first}")
    string(REGEX REPLACE "(sum)\t-[0-9]+[.][0-9][0-9][0-9][0-9]\n$" "\\1" choice "${choice}")
    if(NOT first STREQUAL expected OR NOT choice STREQUAL expected)
      complain("02_decoder data/${family} transformer '${tokens}': expected rank 1 everywhere, it printed:\n${out}")
    endif()
  endforeach()
endfunction()

# ---- same --------------------------------------------------------------------------------------------------

# 03 and 04 with these arguments, for each model.
function(same_03_04 input arguments)
  foreach(family IN LISTS families)
    set(rest "data/${family} ${arguments}")
    same("${input}" "03_greedy_nocache ${rest}" "04_kvcache ${rest}" "04_kvcache ${rest} --batch-size 1"
      "04_kvcache ${rest} --batch-size 3 --threads 2")
  endforeach()
endfunction()

function(check_same)
  test_words(words 60)
  foreach(family IN LISTS families)
    same("${words}" "03_greedy_nocache data/${family}" "04_kvcache data/${family}" "04_kvcache data/${family} --batch-size 1"
      "04_kvcache data/${family} --batch-size 3" "04_kvcache data/${family} --threads 2")
    count_lines(n "${out}")
    if(NOT n EQUAL 60)
      complain("data/${family}: ${n} lines for 60 words")
    endif()
  endforeach()
  test_words(words 6)
  foreach(family IN LISTS families)
    same("${words}" "03_greedy_nocache data/${family}" "03_greedy_nocache data/${family} --threads 2" "04_kvcache data/${family} --no-cache")
  endforeach()
  same_03_04("${words}" "--temperature 0.9 --seed 3 --num-return-sequences 3")
  same_03_04("${words}" "--temperature 1.5 --top-k 20 --top-p 0.9 --min-p 0.01 --seed 18446744073709551615")
  same_03_04("${words}" "--repetition-penalty 1.3 --no-repeat-ngram-size 2 --min-new-tokens 9 --max-new-tokens 12")
  same_03_04("24 11 7 10 1\n1 15 16 3\n5\n" "--ids")
  same_03_04("24 11 7 10 1\n1 15 16 3\n5\n" "--ids --temperature 1 --seed 7 --num-return-sequences 2")

  # To the model's limit: 64 positions and one token more, 512 after a long prompt; umt5 has none.
  same("transformer\n" "03_greedy_nocache data/marian --min-new-tokens 64 --max-new-tokens 64"
    "04_kvcache data/marian --min-new-tokens 64 --max-new-tokens 64")
  same("read\n" "03_greedy_nocache data/umt5 --min-new-tokens 70 --max-new-tokens 70"
    "04_kvcache data/umt5 --min-new-tokens 70 --max-new-tokens 70")
  string(REPEAT "a" 507 long)
  same("${long}\nread\n" "03_greedy_nocache data/gpt2 --min-new-tokens 4 --max-new-tokens 4" # 507 letters, 2 marks, 4
    "04_kvcache data/gpt2 --min-new-tokens 4 --max-new-tokens 4")

  # A sample depends on the seed and on its number, not on the line, nor on the batch.
  run("04_kvcache data/gpt2 --temperature 2 --seed 5 --num-return-sequences 2" "read\neither\n")
  set(both "${out}")
  run("04_kvcache data/gpt2 either --temperature 2 --seed 5 --num-return-sequences 3" "")
  string(REGEX REPLACE "[^\n]*\n$" "" two_of_three "${out}")
  string(FIND "${both}" "${two_of_three}" place)
  if(place EQUAL -1 OR two_of_three STREQUAL "")
    complain("two samples of a second line:\n${both}and three of the word alone:\n${out}")
  endif()
  run("04_kvcache data/gpt2 --temperature 2 --seed 6 --num-return-sequences 2" "read\neither\n")
  if(out STREQUAL both)
    complain("seeds 5 and 6 give the same samples:\n${out}")
  endif()
  run("04_kvcache data/marian read --temperature 1" "")
  if(NOT err MATCHES "^note: --seed ([0-9]+)\n")
    complain("the seed that was chosen is not told:\n${err}")
  endif()
  accept("03_greedy_nocache data/marian read --temperature 1 --seed ${CMAKE_MATCH_1}" "" "${out}")
endfunction()

# ---- beams -------------------------------------------------------------------------------------------------

# n lines per word of the test set: the word, a score that is no better than the one before, tokens.
function(expect_n_best line n n_words text)
  expect_shape("${line}" "${n}" "[^\t\n]+\t-?[0-9]+[.][0-9][0-9][0-9][0-9][0-9][0-9]\t[A-Z0-9 a-z'.-]*" "${text}")
  test_words(words ${n_words})
  string(REPLACE "\n" ";" words "${words}")
  string(REPLACE "\n" ";" lines "${text}")
  math(EXPR each "${n} / ${n_words}")
  set(i 0)
  foreach(result IN LISTS lines)
    if(result MATCHES "^([^\t]+)\t([^\t]+)\t")
      math(EXPR place "${i} / ${each}")
      math(EXPR rank "${i} % ${each}")
      list(GET words ${place} word)
      if(NOT CMAKE_MATCH_1 STREQUAL word OR (rank GREATER 0 AND CMAKE_MATCH_2 GREATER before))
        complain("${line}: line ${i} should be another of ${word}, none better than ${before}: ${result}")
      endif()
      set(before ${CMAKE_MATCH_2})
      math(EXPR i "${i} + 1")
    endif()
  endforeach()
endfunction()

# Of each n lines the first, without its score.
function(best_of out n text)
  string(REGEX REPLACE "([^\n]*\n)" "\\1;" lines "${text}")
  set(best "")
  set(i 0)
  foreach(line IN LISTS lines)
    math(EXPR rank "${i} % ${n}")
    if(rank EQUAL 0)
      string(REGEX REPLACE "\t[^\t]*\t" "\t" line "${line}")
      string(APPEND best "${line}")
    endif()
    math(EXPR i "${i} + 1")
  endforeach()
  set(${out} "${best}" PARENT_SCOPE)
endfunction()

function(check_beams)
  test_words(words 20)
  foreach(family IN LISTS families)
    set(line "05_beam data/${family}")
    same("${words}" "${line}" "${line} --batch-size 1" "${line} --batch-size 5 --threads 2" "${line} --reorder copy"
      "${line} --num-return-sequences 4 --reorder share" "${line} --length-penalty 1 --early-stopping false --num-beams 4")
    expect_n_best("${line}" 80 20 "${out}")
    best_of(best 4 "${out}")

    same("${words}" "${line} --num-return-sequences 1" "${line} --num-return-sequences 1 --batch-size 3 --reorder copy")
    best_of(alone 1 "${out}")
    if(NOT best STREQUAL alone)
      complain("${line} --num-return-sequences 1: expected\n${best}but it printed\n${alone}")
    endif()

    run("04_kvcache data/${family}" "${words}")
    set(greedy "${out}")
    same("${words}" "${line} --num-beams 1" "${line} --num-beams 1 --batch-size 1 --num-return-sequences 1")
    expect_n_best("${line} --num-beams 1" 20 20 "${out}")
    best_of(one 1 "${out}")
    if(NOT one STREQUAL greedy)
      complain("${line} --num-beams 1: expected\n${greedy}but it printed\n${one}")
    endif()
  endforeach()
  test_words(words 8)
  foreach(how "--num-beams 7 --num-return-sequences 3 --early-stopping true" "--early-stopping never --length-penalty 0 --num-beams 3"
      "--repetition-penalty 1.3 --no-repeat-ngram-size 2 --min-new-tokens 9 --max-new-tokens 12 --num-return-sequences 3")
    same("${words}" "05_beam data/umt5 ${how}" "05_beam data/umt5 ${how} --batch-size 1 --reorder copy" "05_beam data/umt5 ${how} --batch-size 5")
    expect_n_best("05_beam data/umt5 ${how}" 24 8 "${out}")
  endforeach()
  same("24 11 7 10 1\n5 1\n" "05_beam data/marian --ids" "05_beam data/marian --ids '24 11 7 10 1' '5 1' --batch-size 1")
  expect_shape("05_beam --ids" 8 "(24 11 7 10 1|5 1)\t-[.0-9]+\t[0-9 ]*" "${out}")
endfunction()

# ---- texts -------------------------------------------------------------------------------------------------

function(check_texts)
  set(read "read\tR IY1 D\n")
  set(either "either\tAY1 DH ER0\n")
  foreach(stage 03_greedy_nocache 04_kvcache)
    accept("${stage} data/marian read either" "" "${read}${either}")
    accept("${stage} data/marian" "read\neither\n" "${read}${either}")
    accept("${stage} data/marian" "read\neither" "${read}${either}") # no end of the last line
    accept("${stage} data/marian" "read\r\neither\r\n" "${read}${either}")
    accept("${stage} data/marian" "read\teither\tunread\neither\t\n" "${read}${either}")
    accept("${stage} data/marian" "" "")
    accept("${stage} data/marian READ" "" "READ\tR IY1 D\n")
    accept("${stage} data/marian --ids '24  11 7 10 1 '" "" "24  11 7 10 1 \t86 71 53 1\n")
  endforeach()
  accept("05_beam data/marian" "" "")
  same("read\r\neither\tx" "05_beam data/marian" "05_beam data/marian read either" "05_beam data/marian read --batch-size 1 either")

  # Only one text: its tokens appear one by one, but they are the same bytes. So they are with --steps.
  foreach(family IN LISTS families)
    set(samples "--temperature 1 --seed 4 --num-return-sequences 3")
    same("transformer\n" "04_kvcache data/${family}" "04_kvcache data/${family} transformer" "03_greedy_nocache data/${family} transformer"
      "04_kvcache data/${family} transformer --no-cache" "04_kvcache data/${family} --steps transformer" "03_greedy_nocache data/${family} --steps")
    same("transformer\n" "04_kvcache data/${family} ${samples}" "04_kvcache data/${family} transformer ${samples}"
      "03_greedy_nocache data/${family} transformer ${samples}" "04_kvcache data/${family} transformer ${samples} --batch-size 1"
      "04_kvcache data/${family} transformer ${samples} --steps")
    same("transformer\nread\n" "05_beam data/${family}" "05_beam data/${family} --steps" "05_beam data/${family} --steps --num-beams 4 --threads 2")
  endforeach()
  foreach(stage IN LISTS generators)
    run("${stage} data/gpt2 read --steps" "")
    if(NOT err MATCHES "^step 1[:,] " OR NOT err MATCHES "\nstep 3[:,] ")
      complain("${stage} --steps: it said:\n${err}")
    endif()
  endforeach()

  # What the vocabulary does not have is one unknown character; so is what looks like a mark of the vocabulary.
  foreach(stage IN LISTS generators)
    run("${stage} data/marian" "a%b\nread\n")
    if(NOT status EQUAL 0 OR NOT err MATCHES "^note: line 1: 1 character is not in the vocabulary\n" OR NOT out MATCHES "^a%b\t.*\nread\t")
      complain("${stage}: status ${status}; an unknown character:\n${out}${err}")
    endif()
    run("${stage} data/marian '</s>'" "")
    string(REPLACE "</s>\t" "%%s%\t" marks "${out}")
    if(NOT err MATCHES "^note: text 1: 3 characters are not in the vocabulary\n")
      complain("${stage}: </s> as a text:\n${err}")
    endif()
    accept("${stage} data/marian %%s%" "" "${marks}")
  endforeach()
  string(ASCII 195 169 e_acute)
  run("04_kvcache data/marian" "${e_acute}\n%\n")
  if(NOT out MATCHES "^${e_acute}\t([^\n]*)\n%\t([^\n]*)\n$" OR NOT CMAKE_MATCH_1 STREQUAL CMAKE_MATCH_2)
    complain("a character of two bytes is one unknown character:\n${out}${err}")
  endif()

  # An empty text is a prompt of the beginning alone.
  same("\n" "04_kvcache data/gpt2" "03_greedy_nocache data/gpt2" "03_greedy_nocache data/gpt2 --batch-size 1")
  string(REGEX REPLACE "^\t([^\n]*)\n$" "\\1" tokens "${out}")
  run("04_kvcache data/gpt2 --ids 1" "")
  string(REGEX MATCHALL "[^ \t\n]+" ids "${out}")
  string(REPLACE " " ";" tokens "${tokens}")
  list(LENGTH ids n_ids) # the prompt, and the end token, are also printed here; the mark between letters and phonemes not there
  list(LENGTH tokens n_tokens)
  math(EXPR n_tokens "${n_tokens} + 3")
  if(NOT n_ids EQUAL n_tokens)
    complain("the empty text and its prompt as ids: ${tokens}; ${ids}")
  endif()

  # The result is lost: that is an error too.
  if(EXISTS /dev/full)
    foreach(line "01_attention data/marian read" "02_decoder data/marian read R" "03_greedy_nocache data/marian read"
        "04_kvcache data/marian read" "05_beam data/marian read" "05_beam --help")
      separate_arguments(words UNIX_COMMAND "${BUILD}/${line}")
      execute_process(COMMAND ${words} OUTPUT_FILE /dev/full RESULT_VARIABLE status ERROR_VARIABLE err WORKING_DIRECTORY "${root}")
      if(NOT status EQUAL 1 OR NOT err MATCHES "error: cannot write to standard output\n$")
        complain("${line} > /dev/full: status ${status}, it said:\n${err}")
      endif()
    endforeach()
  endif()
endfunction()

# ---- lines -------------------------------------------------------------------------------------------------

# `input` has bad lines. stdout is that of its good lines alone, in every kind of batch; the errors are the rest of the
# arguments.
function(bad_lines model arguments input good)
  foreach(stage IN LISTS generators)
    run("${stage} data/${model} ${arguments}" "${good}")
    set(expected "${out}")
    if(NOT status EQUAL 0 OR out STREQUAL "")
      complain("${stage}: the good lines: status ${status}, it said:\n${err}")
    endif()
    foreach(batch "" "--batch-size 1" "--batch-size 3")
      if(batch AND stage STREQUAL "03_greedy_nocache") # which ignores it
        continue()
      endif()
      set(line "${stage} data/${model} ${arguments} ${batch}")
      expect("${line}" "${input}" 1 "${expected}")
      expect_errors("${line}" "${err}" ${ARGN})
    endforeach()
  endforeach()
endfunction()

function(check_lines)
  string(REPEAT "a" 65536 longest) # which is allowed, but not by the model
  string(REPEAT "a" 63 fits)       # with the end token 64, as many as there are positions
  string(ASCII 195 40 not_utf8)
  string(ASCII 237 160 128 surrogate)
  bad_lines(marian ""
    "read\n${longest}a\n\n${not_utf8}\neither\n${longest}\na${fits}\n${fits}\n\tR EH1 D\n${surrogate}\n\r\n${longest}\r\ntransformer"
    "read\neither\n${fits}\ntransformer\n"
    "line 2: longer than 65536 bytes" "line 3: the text is empty" "line 4: not valid UTF-8"
    "line 6: 65537 tokens are more than the model's 64 positions" "line 7: 65 tokens are more than the model's 64 positions"
    "line 9: the text is empty" "line 10: not valid UTF-8" "line 11: the text is empty"
    "line 12: 65537 tokens are more than the model's 64 positions")
  bad_lines(umt5 "" "${not_utf8}\n\n${fits}a\n${longest}a" "${fits}a\n"
    "line 1: not valid UTF-8" "line 2: the text is empty" "line 4: longer than 65536 bytes")
  string(REPEAT "a" 510 fits)
  bad_lines(gpt2 "--max-new-tokens 1" "read\n\na${fits}\n${not_utf8}\n${fits}\n" "read\n\n${fits}\n"
    "line 3: 513 tokens are more than the model's 512 positions" "line 4: not valid UTF-8")
  bad_lines(gpt2 "" "read\n${fits}\neither\n" "read\neither\n"
    "line 2: a prompt of 512 tokens leaves no room below the stored max_length of 512")
  bad_lines(marian "--ids"
    "24 11 1\nread\n24 102 1\n24 -1\n1.5\n\n  \n24,11\n24 11 x\n99999999999999999999\n+5\n0x5\n5 1\n"
    "24 11 1\n5 1\n"
    "line 2: expected token ids from 0 to 101, found \"read\"" "line 3: expected token ids from 0 to 101, found \"102\""
    "line 4: expected token ids from 0 to 101, found \"-1\"" "line 5: expected token ids from 0 to 101, found \"1.5\""
    "line 6: expected token ids, found none" "line 7: expected token ids, found none"
    "line 8: expected token ids from 0 to 101, found \"24,11\"" "line 9: expected token ids from 0 to 101, found \"x\""
    "line 10: expected token ids from 0 to 101, found \"99999999999999999999\""
    "line 11: expected token ids from 0 to 101, found \"+5\"" "line 12: expected token ids from 0 to 101, found \"0x5\"")
  bad_lines(gpt2 "--ids" "\n1 24\n" "1 24\n" "line 1: expected token ids, found none")

  # On the command line they are texts. One that is bad and alone is no crash; nor are only bad lines.
  foreach(stage IN LISTS generators)
    refuse_texts("${stage} data/marian --ids x 1 -1" "text 1: expected token ids" "text 3: expected token ids")
    refuse_texts("${stage} data/marian --ids x" "text 1: expected token ids")
    refuse_texts("${stage} data/marian 'a\nb' ${longest}" "text 1: contains a line break" "text 2: 65537 tokens")
  endforeach()
endfunction()

function(refuse_texts line)
  run("${line}" "")
  if(NOT status EQUAL 1)
    complain("${line}: status ${status}")
  endif()
  expect_errors("${line}" "${err}" ${ARGN})
endfunction()

# ---- positions ---------------------------------------------------------------------------------------------

# With room for one token less than is asked for, the line ends there, is printed all the same, and an error says so.
function(ends_early model input n) # n tokens fit
  math(EXPR more "${n} + 1")
  foreach(stage IN LISTS generators)
    set(line "${stage} data/${model} --ids --min-new-tokens")
    run("${line} ${n} --max-new-tokens ${n}" "${input}")
    set(longest "${out}")
    if(NOT status EQUAL 0 OR NOT out MATCHES "^[^\t]*(\t[-.0-9]+)?\t([0-9]+ )*[0-9]+\n")
      complain("${line} ${n}: status ${status}; it printed:\n${out}${err}")
    endif()
    string(REGEX REPLACE "^[^\n]*\t([^\t\n]*)\n.*" "\\1" tokens "${out}")
    string(REGEX MATCHALL "[0-9]+" tokens "${tokens}")
    list(LENGTH tokens n_tokens)
    if(NOT n_tokens EQUAL n)
      complain("${line} ${n}: ${n_tokens} tokens")
    endif()
    foreach(how "${more} --max-new-tokens ${more}" "500 --max-new-tokens 10000000 --batch-size 1")
      expect("${line} ${how}" "${input}" 1 "${longest}")
      expect_errors("${line} ${how}" "${err}" ${ARGN})
    endforeach()
  endforeach()
endfunction()

function(check_positions)
  string(REPEAT "15 " 508 prompt)
  ends_early(gpt2 "${prompt}" 5 "line 1: the output ends here: all 512 positions of the model are used")
  ends_early(marian "24 11 1\n" 64 "line 1: the output ends here: all 64 positions of the model are used")

  # In a batch only the one that is too long is reported, and the others are what they are alone.
  foreach(stage IN LISTS generators)
    set(line "${stage} data/gpt2 --ids --min-new-tokens 20 --max-new-tokens 20")
    set(alone "")
    foreach(input "1 24" "${prompt}" "15 3")
      run("${line} '${input}'" "")
      string(APPEND alone "${out}")
    endforeach()
    expect("${line}" "1 24\n${prompt}\n15 3\n" 1 "${alone}")
    expect_errors("${line}" "${err}" "line 2: the output ends here: all 512 positions of the model are used")
  endforeach()

  # An end token at the last position is an end; relative positions have no limit.
  accept("04_kvcache data/marian read --max-new-tokens 1000" "" "read\tR IY1 D\n")
  run("04_kvcache data/umt5 --ids 5 --min-new-tokens 100 --max-new-tokens 100" "")
  string(REGEX MATCHALL "[0-9]+" ids "${out}")
  list(LENGTH ids n)
  if(NOT status EQUAL 0 OR NOT n EQUAL 101)
    complain("umt5: status ${status}, a source of 1 and an output of 100: ${out}")
  endif()
endfunction()

# ------------------------------------------------------------------------------------------------------------

if(NOT CHECK)
  set(CHECK ${all_checks})
endif()
foreach(check IN LISTS CHECK)
  if(NOT check IN_LIST all_checks OR NOT EXISTS "${BUILD}")
    message(FATAL_ERROR "usage: cmake -DBUILD=DIRECTORY [-DCHECK=${all_checks}] -P tests/scripts/commands.cmake")
  endif()
  set(scratch "${BUILD}/test-files/commands-${check}")
  file(REMOVE_RECURSE "${scratch}")
  file(MAKE_DIRECTORY "${scratch}")
  set_property(GLOBAL PROPERTY cases "")
  file(WRITE "${scratch}/call.cmake" "check_${check}()\n") # a function by its name: only newer versions can call it
  include("${scratch}/call.cmake")
  get_property(cases GLOBAL PROPERTY cases)
  string(LENGTH "${cases}" n)
  message("${check}: ${n} command lines")
endforeach()
get_property(failed GLOBAL PROPERTY failed)
if(failed)
  message(FATAL_ERROR "commands")
endif()
