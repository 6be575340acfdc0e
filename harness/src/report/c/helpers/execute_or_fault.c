/* 0; -1 if that raises a signal. */
static int execute_or_fault(const char *at)
{
	if (sigsetjmp(before_access, 1) == 0) {
		execute(at);
		return 0;
	}
	errno = EFAULT;
	return -1;
}
