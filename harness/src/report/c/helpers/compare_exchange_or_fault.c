/* The same; -1 if the access raises a signal. */
static int compare_exchange_or_fault(char *at, unsigned char old, unsigned char new)
{
	if (sigsetjmp(before_access, 1) == 0)
		return compare_exchange(at, old, new);
	errno = EFAULT;
	return -1;
}
