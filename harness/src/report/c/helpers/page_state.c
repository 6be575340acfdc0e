/* What the page table of this process holds for an address. */
static int page_state(const char *at)
{
	uint64_t entry = pagemap_entry("/proc/self/pagemap", at);

	if (entry & PAGEMAP_PRESENT && entry & PAGEMAP_FILE)
		return PAGE_FILE;
	if (entry & PAGEMAP_PRESENT)
		return is_zero_page(at, entry & PAGEMAP_FRAME) ? PAGE_ZERO : PAGE_ANON;
	if (entry & PAGEMAP_GUARD)
		return PAGE_GUARD;
	return entry & PAGEMAP_SWAPPED ? PAGE_SWAPPED : PAGE_NONE;
}
