# SPDX-License-Identifier: MIT
# lines.cmake -- texts as lists of lines, for plant.cmake, structure.cmake and printed.cmake.
#
# What has a meaning in CMake's lists is replaced meanwhile: ; [ ] a backslash, and an empty line.

function(to_list out text)
  string(REPLACE "\\" "<backslash>" text "${text}")
  string(REPLACE ";" "<semicolon>" text "${text}")
  string(REPLACE "[" "<open>" text "${text}")
  string(REPLACE "]" "<close>" text "${text}")
  string(REGEX REPLACE "\n$" "" text "${text}")
  string(REPLACE "\n" ";<line>" text "<line>${text}") # so that no element is empty
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(from_list out lines)
  string(REPLACE ";" "\n" text "${lines}")
  string(REPLACE "<line>" "" text "${text}")
  string(REPLACE "<semicolon>" ";" text "${text}")
  string(REPLACE "<open>" "[" text "${text}")
  string(REPLACE "<close>" "]" text "${text}")
  string(REPLACE "<backslash>" "\\" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()
