// SPDX-License-Identifier: MIT
// loads.c -- checks that a model directory loads or is refused.
#include "loads.h"
#include "check.h"

const char *architecture(int which)
{
    static const char *const names[N_ARCHITECTURES] = {"MarianMTModel", "T5ForConditionalGeneration",
                                                       "MT5ForConditionalGeneration",
                                                       "UMT5ForConditionalGeneration", "GPT2LMHeadModel"};
    return names[which];
}

void check_load(const char *directory, const char *what, const char *const *messages)
{
    Model model;
    Error error = {0};
    const bool loaded = model_load(&model, directory, PANEL_WIDTH, &error);
    CHECK(loaded == !*messages && loaded == !error.set, "%s: %s", what, error.set ? error.message : "loaded");
    for (; *messages; messages++)
        CHECK(strstr(error.message, *messages), "%s: expected \"%s\", found \"%s\"", what, *messages,
              error.message);
    CHECK(!strchr(error.message, '\n'), "%s: %s", what, error.message);
    if (loaded) model_free(&model);
}
