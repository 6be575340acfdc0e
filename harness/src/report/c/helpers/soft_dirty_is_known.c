/* Goes on only where the kernel tracks which pages are written: a page that was just mapped, and
   never cleared, must have the bit. */
static void soft_dirty_is_known(void)
{
	char *fresh = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fresh == MAP_FAILED)
		cannot_tell("mmap");
	*(volatile char *)fresh = 1;
	if (!(pagemap_entry("/proc/self/pagemap", fresh) & PAGEMAP_SOFT_DIRTY)) {
		errno = EOPNOTSUPP;
		cannot_tell("this needs a kernel with CONFIG_MEM_SOFT_DIRTY");
	}
	munmap(fresh, page);
}
