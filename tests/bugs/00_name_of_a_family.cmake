# SPDX-License-Identifier: MIT
# The forward pass knows a family by its name.
set(FILE 02_decoder/decoder.c)
set(OLD [==[
Input input_of(const Model *m, const int *ids, int n)
{
]==])
set(NEW [==[
Input input_of(const Model *m, const int *ids, int n)
{
    const bool is_gpt2 = !m->config.has_encoder;
]==])
set(FAILS "only the tables of the families know their names")
