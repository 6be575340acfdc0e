/* 0; -1 if the access raises a signal. */
static int store_or_fault(char *at, unsigned char value)
{
	if (sigsetjmp(before_access, 1) == 0) {
		*(volatile unsigned char *)at = value;
		return 0;
	}
	errno = EFAULT;
	return -1;
}
