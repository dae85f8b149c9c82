# SPDX-License-Identifier: MIT
# Two candidates per beam, however many end tokens there are (KV-46).
set(FILE 05_beam/beam.c)
set(OLD [==[
return (o->special->n_eos > 1 ? 1 + o->special->n_eos : 2) * o->num_beams;
]==])
set(NEW [==[
return 2 * o->num_beams;
]==])
set(FAILS "several end tokens leave enough candidates")
set(PASSES "beam search finds the n best that Hugging Face's finds in a table")
