static const char go_on = 'g';

static void give_turn(int process)
{
	if (write(turns[process][1], &go_on, 1) != 1)
		cannot_tell("write to a pipe");
}
