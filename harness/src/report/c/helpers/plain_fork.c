/* While a fork waits, nobody else must need the locks that the C library takes for it. */
static pid_t plain_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}
