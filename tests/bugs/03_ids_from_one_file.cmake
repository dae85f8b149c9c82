# SPDX-License-Identifier: MIT
# Ids that generation_config.json lacks are not looked up in config.json.
set(FILE 01_attention/model/model.c)
set(OLD [==[
    if (!setting_ids(generation, key, id, 1, vocab)) setting_ids(config, key, id, 1, vocab);
]==])
set(NEW [==[
    setting_ids(generation->object ? generation : config, key, id, 1, vocab);
]==])
set(FAILS "special ids come from either file, key by key")
