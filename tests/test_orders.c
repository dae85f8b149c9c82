// SPDX-License-Identifier: MIT
// All that a cache can do, in any order: slots append, go back, fork, are reordered and begin anew, and the
// logits of each row have the bits of stage 02's for the tokens that the slot holds then.
#include "models.h"

enum { SLOTS = 4, SIBLINGS = 3, ROOM = 40, STEPS = 75 }; // siblings, from slot 0 on, have the same source

// What a slot should hold, and the logits that its rows had.
typedef struct {
    Input source; // no prompt
    int n, tokens[ROOM], n_checked;
    float *logits; // (ROOM, V); those before n_checked are done with
} Past;

typedef struct {
    TestModel *t;
    State s;
    KVCache c;
    Past past[SLOTS];
    unsigned seed;
    int n_rows, n_forgotten;
} Play;

static int random_below(Play *p, int n)
{
    p->seed = p->seed * 1664525u + 1013904223u;
    return (int)(p->seed >> 16) % n;
}

// The logits of a slot that have not been checked yet, all at once.
static void check_past(Play *p, int slot)
{
    Past *past = &p->past[slot];
    TestModel *t = p->t;
    const size_t V = t->model.config.vocab, done = past->n_checked * V;
    CHECK(kvcache_length(&p->c, slot) == past->n, "%s: slot %d holds %d positions, expected %d", t->name,
          slot, kvcache_length(&p->c, slot), past->n);
    if (past->n_checked == past->n) return;
    const ArenaMark mark = arena_mark(&t->arena);
    Input input = past->source;
    input.prompt = past->tokens;
    input.n_prompt = past->n;
    const float *expected = uncached_logits(t, &p->s, &input, past->tokens, 0);
    CHECK_BITS(past->logits + done, expected + done, past->n * V - done, t->name);
    p->n_rows += past->n - past->n_checked;
    past->n_checked = past->n;
    arena_release(&t->arena, mark);
}

static void begin(Play *p, int slot, int which)
{
    Past *past = &p->past[slot];
    check_past(p, slot);
    past->source = made_up_input(p->t, 5 + which, which);
    past->n = past->n_checked = 0;
    kvcache_reset(&p->c, slot);
    kvcache_read_source(&p->s, &p->t->model, &p->c, slot, &past->source);
}

// Up to three rows for each slot, in one pass.
static void append(Play *p)
{
    const size_t V = p->t->model.config.vocab;
    Row rows[3 * SLOTS];
    int n_rows = 0, n[SLOTS];
    for (int slot = 0; slot < SLOTS; slot++) {
        Past *past = &p->past[slot];
        n[slot] = random_below(p, 4);
        if (n[slot] > p->c.limit - past->n) n[slot] = p->c.limit - past->n;
        for (int i = 0; i < n[slot]; i++) past->tokens[past->n + i] = random_below(p, (int)V);
        kvcache_rows(&p->c, rows + n_rows, slot, past->tokens + past->n, n[slot], n[slot]);
        n_rows += n[slot];
    }
    if (!n_rows) return;
    const float *logits = kvcache_forward(&p->s, &p->t->model, &p->c, rows, n_rows);
    for (int slot = 0; slot < SLOTS; slot++) {
        Past *past = &p->past[slot];
        memcpy(past->logits + past->n * V, logits, n[slot] * V * sizeof *logits);
        past->n += n[slot];
        logits += n[slot] * V;
    }
}

// A slot forgets a few positions, or many.
static void go_back(Play *p)
{
    const int slot = random_below(p, SLOTS);
    Past *past = &p->past[slot];
    check_past(p, slot);
    const int forgotten = random_below(p, random_below(p, 4) && past->n > 6 ? 7 : past->n + 1);
    past->n = past->n_checked = past->n - forgotten;
    p->n_forgotten += forgotten;
    kvcache_truncate(&p->c, slot, past->n);
}

// `to` = the first n positions of `from`, whose logits have been checked.
static void copy_past(Past *to, const Past *from, int n)
{
    float *logits = to->logits;
    *to = *from;
    to->logits = logits;
    to->n = to->n_checked = n;
}

static void fork_slot(Play *p)
{
    const int from = random_below(p, SLOTS), to = from < SIBLINGS ? random_below(p, SLOTS) : SLOTS - 1;
    if (from == to) return;
    check_past(p, from);
    check_past(p, to);
    const int n = p->past[from].n - random_below(p, p->past[from].n < 4 ? p->past[from].n + 1 : 4);
    kvcache_reset(&p->c, to);
    kvcache_fork(&p->c, to, from, n);
    copy_past(&p->past[to], &p->past[from], n);
}

static void reorder(Play *p)
{
    int parents[SIBLINGS];
    Past before[SIBLINGS];
    for (int b = 0; b < SIBLINGS; b++) {
        check_past(p, b);
        parents[b] = random_below(p, SIBLINGS);
        before[b] = p->past[b];
    }
    p->c.reorder = random_below(p, 2) ? REORDER_COPY : REORDER_SHARE;
    kvcache_reorder(&p->c, 0, SIBLINGS, parents);
    for (int b = 0; b < SIBLINGS; b++) copy_past(&p->past[b], &before[parents[b]], before[parents[b]].n);
}

// [KV-26, 29, 40, 55]
static void any_order(TestModel *t)
{
    const int n = all_positions(t, ROOM);
    Play p = {.t = t, .s = state_of(t), .seed = 14 + t->keep};
    p.s.pool.poison = true;
    p.c = cache_of(t, &p.s, SLOTS, n < ROOM ? n : ROOM);
    for (int slot = 0; slot < SLOTS; slot++) {
        p.past[slot].logits = arena_floats(&t->arena, ROOM, t->model.config.vocab);
        begin(&p, slot, slot / SIBLINGS);
    }
    for (int step = 0; step < STEPS; step++) {
        const int what = random_below(&p, 12);
        if (what == 0) begin(&p, SLOTS - 1, step);
        else if (what == 1) reorder(&p);
        else if (what <= 3) fork_slot(&p);
        else if (what <= 6) go_back(&p);
        else append(&p);
    }
    for (int slot = 0; slot < SLOTS; slot++) check_past(&p, slot);
    CHECK(p.n_rows > 60 && p.n_forgotten > 15, "only %d rows, %d forgotten", p.n_rows, p.n_forgotten);
    CHECK(p.s.pool.bytes_copied + p.c.rows->bytes_copied > 0, "no block was copied");
    printf("%s: %d rows, %d of them forgotten\n", t->name, p.n_rows, p.n_forgotten);
    kvcache_free(&p.c);
    CHECK(p.s.pool.blocks_live == 0, "%zu blocks leaked", p.s.pool.blocks_live);
    state_free(&p.s);
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        {"slots append, go back, fork and are reordered in any order", ON_MODEL(any_order)},
    };
    return RUN_TESTS_EACH(tests, caches_each);
}
