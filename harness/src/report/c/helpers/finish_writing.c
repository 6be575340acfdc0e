static int finish_writing(struct copy **name, char value)
{
	return finish_copy(name, value, 1);
}
