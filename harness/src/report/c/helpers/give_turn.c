static void give_turn(int process)
{
	const char word = GO_ON;

	if (write(turns[process][1], &word, 1) != 1)
		cannot_tell("write to a pipe");
}
