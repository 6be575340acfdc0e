/* Forks; the new process begins when it gets its turn. */
static void start_process(int process, void (*run)(void))
{
	pid_t child = fork();

	if (child == -1)
		cannot_tell("fork");
	if (child == 0) {
		wait_for_turn(process);
		run();
	}
}
