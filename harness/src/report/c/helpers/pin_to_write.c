static int pin_to_write(struct copy **name, pid_t process, char *place)
{
	return pin_by_copy(name, process, place, 1);
}
