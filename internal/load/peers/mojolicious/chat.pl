#!/usr/bin/env perl
# A chat as articles on Mojolicious::Lite build it: the clients in a hash by the id of their connection, a name and a text with a bar
# between them in each message, and a loop that sends JSON to all in the hash. The address, http://127.0.0.1:PORT with a free port,
# is the one line it prints.
use Mojolicious::Lite -signatures;
use Mojo::Server::Daemon;
use POSIX 'strftime';

app->log->level('fatal');
my %clients;

websocket '/ws' => sub ($c) {
	my $id = $c->req->request_id;
	$clients{$id} = $c->tx;
	$c->inactivity_timeout(0);
	$c->on(message => sub ($c, $message) {
		my ($name, $text) = split /\|/, $message, 2;
		my $time = strftime '%H:%M:%S', localtime;
		$_->send({json => {time => $time, name => $name, text => $text}}) for values %clients;
	});
	$c->on(finish => sub { delete $clients{$id} });
};

my $daemon = Mojo::Server::Daemon->new(app => app, listen => ['http://127.0.0.1'], max_clients => 20_000, silent => 1);
$daemon->start;
$| = 1;
print 'http://127.0.0.1:', $daemon->ports->[0], "\n";
Mojo::IOLoop->start;
