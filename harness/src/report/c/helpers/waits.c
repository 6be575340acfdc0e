static int waits(void (*run)(void))
{
	waiter.run = run;
	waiter.id = waiter.has_ended = waiter.result = 0;
	errno = pthread_create(&waiter.thread, NULL, run_waiter, NULL);
	if (errno != 0)
		cannot_tell("pthread_create");
	return still_waits();
}
