/* The arguments of the ioctl PAGEMAP_SCAN, and what it finds. */
struct scan {
	uint64_t size, flags, start, end, walk_end, regions, regions_length, max_pages;
	uint64_t inverted, required, required_any, returned;
};

struct region {
	uint64_t start, end, categories;
};

enum {
	IS_WPALLOWED = 1,
	IS_WRITTEN = 2,
	IS_FILE = 4,
	IS_PRESENT = 8,
	IS_SWAPPED = 16,
	IS_ZERO = 32,
	IS_GUARD = 256
};

/* Which of these categories a page has; -1 where the kernel cannot tell. */
static int categories(const char *at, uint64_t wanted)
{
	uint64_t start = (uintptr_t)at / page * page;
	struct region region = { 0 };
	struct scan scan = {
		.size = sizeof(scan),
		.start = start,
		.end = start + page,
		.regions = (uintptr_t)&region,
		.regions_length = 1,
		.required_any = wanted,
		.returned = wanted,
	};
	int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int result = ioctl(file, _IOWR('f', 16, struct scan), &scan);

	close(file);
	return result == -1 ? -1 : (int)region.categories;
}
