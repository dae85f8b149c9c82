# SPDX-License-Identifier: MIT
# The next token is chosen by the logits of the first row, not of the last.
set(FILE 03_greedy_nocache/greedy.c)
set(OLD [==[
        rows_of_text(rows, q->ids, q->n, 1);
]==])
set(NEW [==[
        rows_of_text(rows, q->ids, q->n, q->n);
]==])
set(FAILS "greedy tokens equal Hugging Face's")
set(PASSES "logits, attention and hidden states equal Hugging Face's")
