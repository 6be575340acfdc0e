static void make_pipes(void)
{
	for (int process = 0; process < PROCESSES; process++)
		if (pipe(turns[process]) == -1)
			cannot_tell("pipe");
}
