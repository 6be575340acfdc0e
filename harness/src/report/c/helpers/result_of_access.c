static int result_of_access(void)
{
	if (still_waits()) {
		errno = EAGAIN;
		return -1;
	}
	pthread_join(waiter.thread, NULL);
	errno = waiter.error;
	return waiter.result;
}
