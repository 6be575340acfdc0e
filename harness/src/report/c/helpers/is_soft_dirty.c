/* Whether a page of this process was written since its bits were cleared, or mapped. */
static int is_soft_dirty(const char *at)
{
	soft_dirty_is_known();
	return !!(pagemap_entry("/proc/self/pagemap", at) & PAGEMAP_SOFT_DIRTY);
}
