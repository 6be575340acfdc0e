/* A pin is a pipe that holds a page by reference. */
static int unpin(int pin[2])
{
	int result = close(pin[0]) | close(pin[1]);

	pin[0] = pin[1] = -1;
	return result;
}
