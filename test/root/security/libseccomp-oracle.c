/*
 * Compiles profiles with libseccomp, to compare with ours. Reads from standard input, a line a thing:
 *   default ACTION          starts a profile (action: the filter's return value in hex)
 *   arch TOKEN              adds an architecture (hex of SCMP_ARCH_*); without any, x86_64
 *   rule ACTION NAME N (INDEX OP A B)*N
 *   end                     prints the filter as hex
 *   names TOKEN NAME...     prints the number of each name, or -
 */
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what, int code)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-code));
	exit(1);
}

static void print_filter(scmp_filter_ctx context)
{
	int ends[2];
	unsigned char byte[4096];
	ssize_t got;

	/* The filter must fit the pipe: 64 KiB are 8192 instructions. */
	if (pipe(ends) != 0) fail("pipe", -errno);
	int code = seccomp_export_bpf(context, ends[1]);
	if (code != 0) fail("seccomp_export_bpf", code);
	close(ends[1]);
	while ((got = read(ends[0], byte, sizeof byte)) > 0)
		for (ssize_t i = 0; i < got; i++) printf("%02x", byte[i]);
	close(ends[0]);
	printf("\n");
}

static void add_rule(scmp_filter_ctx context, char *line)
{
	char *save = NULL;
	uint32_t verdict = (uint32_t)strtoul(strtok_r(line, " ", &save), NULL, 16);
	const char *name = strtok_r(NULL, " ", &save);
	unsigned count = (unsigned)atoi(strtok_r(NULL, " ", &save));
	struct scmp_arg_cmp args[6];

	for (unsigned i = 0; i < count && i < 6; i++) {
		args[i].arg = (unsigned)atoi(strtok_r(NULL, " ", &save));
		args[i].op = (enum scmp_compare)atoi(strtok_r(NULL, " ", &save));
		args[i].datum_a = strtoull(strtok_r(NULL, " ", &save), NULL, 10);
		args[i].datum_b = strtoull(strtok_r(NULL, " ", &save), NULL, 10);
	}
	int number = seccomp_syscall_resolve_name(name);
	if (number == __NR_SCMP_ERROR) return;
	int code = seccomp_rule_add_array(context, verdict, number, count, args);
	/* A rule that repeats another, or the default, adds nothing. */
	if (code != 0 && code != -EEXIST && code != -EACCES) fprintf(stderr, "%s: %s\n", name, strerror(-code));
}

static void print_names(char *line)
{
	char *save = NULL;
	uint32_t arch = (uint32_t)strtoul(strtok_r(line, " ", &save), NULL, 16);

	for (char *name; (name = strtok_r(NULL, " ", &save)) != NULL;) {
		int number = seccomp_syscall_resolve_name_arch(arch, name);
		if (number == __NR_SCMP_ERROR) printf("? ");
		else if (number < 0) printf("- ");
		else printf("%d ", number);
	}
	printf("\n");
}

int main(void)
{
	static char line[65536];
	scmp_filter_ctx context = NULL;

	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "default ", 8) == 0) {
			context = seccomp_init((uint32_t)strtoul(line + 8, NULL, 16));
			if (context == NULL) fail("seccomp_init", -EINVAL);
		} else if (strncmp(line, "arch ", 5) == 0) {
			int code = seccomp_arch_add(context, (uint32_t)strtoul(line + 5, NULL, 16));
			if (code != 0 && code != -EEXIST) fail("seccomp_arch_add", code);
		} else if (strncmp(line, "rule ", 5) == 0) {
			add_rule(context, line + 5);
		} else if (strncmp(line, "names ", 6) == 0) {
			print_names(line + 6);
		} else if (strcmp(line, "end") == 0) {
			print_filter(context);
			seccomp_release(context);
		}
	}
	return 0;
}
