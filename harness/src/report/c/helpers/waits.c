static int waits(void (*run)(void))
{
	waiter.run = run;
	waiter.id = waiter.has_ended = 0;
	if (pthread_create(&waiter.thread, NULL, run_waiter, NULL) != 0)
		cannot_tell("pthread_create");
	return still_waits();
}
