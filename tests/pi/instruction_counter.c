/* Counts the instructions that an emulated program executes, and writes the count down whenever it is asked to.
 *
 * A QEMU plugin, version 1 of that interface. The program asks with sched_get_priority_max(1000 + mark), a
 * system call that fails and changes nothing. Each line written is "mark count".
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ASKING 125 /* sched_get_priority_max on aarch64 */
#define MARKS 1000

typedef uint64_t plugin_id;
struct block;
struct host;
typedef uint64_t word;

extern size_t qemu_plugin_tb_n_insns(const struct block *);
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct block *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct block *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_vcpu_syscall_cb(
    plugin_id, void (*)(plugin_id, unsigned, int64_t, word, word, word, word, word, word, word, word));

int qemu_plugin_version = 1;
static FILE *kept;
static uint64_t executed;

static void ran(unsigned cpu, void *instructions)
{
    (void)cpu;
    __atomic_fetch_add(&executed, (uintptr_t)instructions, __ATOMIC_RELAXED);
}

static void translated(plugin_id id, struct block *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(block, ran, 0, (void *)qemu_plugin_tb_n_insns(block));
}

static void called(plugin_id id, unsigned cpu, int64_t number, word mark, word b, word c, word d, word e, word f,
                   word g, word h)
{
    (void)id, (void)cpu, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    if (number == ASKING && mark >= MARKS) {
        fprintf(kept, "%" PRIu64 " %" PRIu64 "\n", mark - MARKS, executed);
        fflush(kept);
    }
}

int qemu_plugin_install(plugin_id id, const struct host *host, int words, char **said)
{
    (void)host;
    if (words != 1 || strncmp(said[0], "to=", 3) != 0 || (kept = fopen(said[0] + 3, "w")) == NULL)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    return 0;
}
