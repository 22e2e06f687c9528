/* A QEMU plugin that counts executed instructions by the symbol that they belong to.
 * usage: qemu-aarch64 -plugin count.so,out=FILE PROGRAM ...
 *
 * Writes lines of "instructions symbol". The declarations are the part of QEMU's public plugin interface that is
 * needed here (docs/devel/tcg-plugins.rst of QEMU), for Debian packages no header of it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLUGIN_API
#define PLUGIN_API 1                     /* QEMU 4.2 to 8.2; newer ones take 2 */
#endif

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned int, void *),
                                          enum qemu_plugin_cb_flags, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = PLUGIN_API;

typedef struct Symbol {
    struct Symbol *next;
    char *name;
    uint64_t count;
} Symbol;

typedef struct {
    Symbol *symbol;
    uint64_t n_instructions;
} Block;

static Symbol *symbols;

static void *claim(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static Symbol *symbol_of(const char *name)
{
    Symbol *s;
    for (s = symbols; s; s = s->next)
        if (!strcmp(s->name, name))
            return s;
    s = claim(malloc(sizeof *s));
    *s = (Symbol){symbols, claim(strdup(name)), 0};
    return symbols = s;
}

static void count(unsigned int cpu, void *block)
{
    const Block *b = block;
    (void)cpu;
    b->symbol->count += b->n_instructions;
}

/* A block has one way in and runs to its end; where it runs on into the next function it counts for its first one. */
static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    const char *name = qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(tb, 0));
    Block *block = claim(malloc(sizeof *block));
    (void)id;
    *block = (Block){symbol_of(name ? name : "?"), qemu_plugin_tb_n_insns(tb)};
    qemu_plugin_register_vcpu_tb_exec_cb(tb, count, QEMU_PLUGIN_CB_NO_REGS, block);
}

static void report(qemu_plugin_id_t id, void *path)
{
    FILE *file = claim(fopen(path, "w"));
    (void)id;
    for (const Symbol *s = symbols; s; s = s->next)
        fprintf(file, "%llu %s\n", (unsigned long long)s->count, s->name);
    fclose(file);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4))
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, report, claim(strdup(argv[0] + 4)));
    return 0;
}
