/* Waits until the process that has the turn is gone, and its mappings with it. */
static void wait_for_end(void)
{
	if (wait(NULL) == -1)
		cannot_tell("wait");
}
