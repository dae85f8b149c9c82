# SPDX-License-Identifier: MIT
# The score of one beam is summed from logits that rules have changed.
set(FILE 05_beam/search.c)
set(OLD [==[
    log_softmax(log_p, logits, q->options->vocab);
    const bool goes_on = single_advance(search, logits, scratch);
]==])
set(NEW [==[
    const bool goes_on = single_advance(search, logits, scratch);
    log_softmax(log_p, logits, q->options->vocab);
]==])
set(FAILS "the end token may come first")
