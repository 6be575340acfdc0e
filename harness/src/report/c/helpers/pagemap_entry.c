/* An entry of /proc/PID/pagemap, as proc_pid_pagemap(5) describes it. */
static uint64_t pagemap_entry(const char *path, const char *at)
{
	uint64_t entry = 0;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	off_t offset = (uintptr_t)at / page * sizeof(entry);

	if (file == -1 || pread(file, &entry, sizeof(entry), offset) != (ssize_t)sizeof(entry))
		cannot_tell(path);
	close(file);
	return entry;
}

#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_SWAPPED (UINT64_C(1) << 62)
#define PAGEMAP_FILE (UINT64_C(1) << 61)
#define PAGEMAP_GUARD (UINT64_C(1) << 58)
#define PAGEMAP_SOFT_DIRTY (UINT64_C(1) << 55)
#define PAGEMAP_FRAME ((UINT64_C(1) << 55) - 1)
