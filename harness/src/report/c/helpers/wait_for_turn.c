/* Sleeps until another process gives the turn, or says that the test is over. */
static void wait_for_turn(int process)
{
	char word;

	alarm(10); /* A process that died gives no turn. */
	if (read(turns[process][0], &word, 1) != 1)
		cannot_tell("read from a pipe");
	if (word != GO_ON)
		exit(word);
}
