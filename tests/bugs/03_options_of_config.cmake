# SPDX-License-Identifier: MIT
# Options are read from config.json even if there is a generation_config.json.
set(FILE 03_greedy_nocache/options.c)
set(OLD [==[
    const bool whole = m->generation_json != NULL;
]==])
set(NEW [==[
    const bool whole = m->generation_json == m->config_json;
]==])
set(FAILS "stored options come from one file")
