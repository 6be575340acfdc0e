/* The byte at this address; -1 if the access raises a signal. */
static int load_or_fault(const char *at)
{
	if (sigsetjmp(before_access, 1) == 0)
		return *(const volatile unsigned char *)at;
	errno = EFAULT;
	return -1;
}
