/* Tells all processes that the test is over, and how. */
static void finish(char verdict)
{
	for (int process = 0; process < PROCESSES; process++)
		if (write(turns[process][1], &verdict, 1) != 1)
			exit(CANNOT_TELL);
	exit(verdict);
}
